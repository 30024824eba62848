/** What `evidence export` says of its own folder. Nobody signs it: it tells what came away half or was altered later, not who made it. */
import * as z from 'zod';

export const EXPORT_LIST_FILE = 'export.json';

export const ExportList = z.strictObject({
  format: z.literal('holdfast/evidence-export/v1'),
  system: z.string(),
  readIn: z.array(z.enum(['vault', 'replica'])),
  /** Days in UTC, of the runs. */
  since: z.iso.date(),
  until: z.iso.date(),
  /** All when absent. */
  kinds: z.array(z.string()).optional(),
  asset: z.string().optional(),
  madeAt: z.iso.datetime(),
  /** Every other file of the folder, by its path with slashes. */
  files: z.array(z.strictObject({ file: z.string(), sha256: z.hash('sha256') })),
});
export type ExportList = z.infer<typeof ExportList>;
