/** What a half-made database says of itself, and whether a restore may take it up. Pure. */
import * as z from 'zod';
import type { RestoreSelection } from './selection.ts';
import { parseJson } from '../parse-json.ts';

/** What shapes the database; any difference makes another one of it. */
export type RestoreIdentity = {
  system: string;
  asset: string;
  point: string;
  manifestSha256: string;
  noOwner: boolean;
  noPrivileges: boolean;
  selection: RestoreSelection;
};

/** `schema`: what comes before the rows is being made; `rows`: rows arrive; `end`: indexes, constraints and what is granted; `done`: all
 * of it stands, and only what tells of the progress is still to go. */
export const RestorePhase = z.enum(['schema', 'rows', 'end', 'done']);
export type RestorePhase = z.infer<typeof RestorePhase>;

export const Marker = z.object({
  identity: z.string(),
  phase: RestorePhase,
  notes: z.string().transform((text) => z.array(z.string()).parse(parseJson(text))),
});
export type Marker = z.infer<typeof Marker>;

/** One text for one identity. */
export const writeIdentity = ({ selection: { tables, exclude, schemaOnly = false }, ...rest }: RestoreIdentity): string =>
  JSON.stringify([
    ...Object.entries(rest).toSorted(([a], [b]) => (a < b ? -1 : 1)),
    tables?.toSorted() ?? null,
    exclude?.toSorted() ?? null,
    schemaOnly,
  ]);

export const PROGRESS_SCHEMA = 'holdfast_restore';

/** A source that was itself half restored may have a schema of that name. */
export function progressSchemaBeside(schemas: readonly string[]): string {
  let name = PROGRESS_SCHEMA;
  while (schemas.includes(name)) name += '_';
  return name;
}
