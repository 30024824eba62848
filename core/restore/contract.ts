/** What the restore machine, its function and its task say to one another. Here: a point into a new, empty database beside the source. */
import * as z from 'zod';
import { VaultSide } from '../vault/side.ts';
import { RestoreSelection } from './selection.ts';

/**
 * Input of the machine. `point`: an id, or `latest` (newest verified) when absent; `to`: name of the new database, made up when absent;
 * `from`, where it is given, is what the machine restores from: each region's own reads the vault that is there.
 */
export const RestoreInput = z.strictObject({
  asset: z.string(),
  point: z.string().optional(),
  from: VaultSide.optional(),
  to: z.string().optional(),
  /** Accepts a point whose keys nobody could get back: what they encrypted stays unreadable. */
  withoutKeys: z.boolean().optional(),
  ...RestoreSelection.shape,
});

export const CheckRequestRequest = z.object({ input: z.unknown(), execution: z.string(), startedAt: z.iso.datetime({ offset: true }) });
export const CheckRequestAnswer = z.discriminatedUnion('accepted', [
  z.object({
    accepted: z.literal(true),
    system: z.string(),
    asset: z.string(),
    point: z.string(),
    run: z.string(),
    database: z.string(),
    selection: RestoreSelection,
    /** What is to be known of the point before it is relied on; it does not keep the restore from starting. */
    remarks: z.array(z.string()).optional(),
  }),
  z.object({ accepted: z.literal(false), problems: z.array(z.string()), message: z.string() }),
]);
export const CheckRequestEnvironment = z.object({
  SYSTEM: z.string(),
  VAULT_BUCKET: z.string(),
  FROM: VaultSide,
  ASSETS: z.string(),
  /** Of this region: what is in escrow there is listed, and nothing of it read. */
  ESCROW_BUCKET: z.string(),
  /** JSON of KeyNeeds (key-needs.ts). */
  NEEDS: z.string(),
});

/** `since`: when the data was first asked for, as it was answered before; empty at first. */
export const RetrieveRequest = z.object({ asset: z.string(), point: z.string(), since: z.string() });
/** `seconds`: waited so far. `waitSeconds`: until the next look. */
export const RetrieveAnswer = z.object({ ready: z.boolean(), since: z.string(), seconds: z.number(), waitSeconds: z.number() });
export const RetrieveEnvironment = z.object({ SYSTEM: z.string(), VAULT_BUCKET: z.string() });

export const RestoreEnvironment = z.object({
  SYSTEM: z.string(),
  ASSET_PLAN: z.string(),
  /** The vault of this region, which the point is read from and the result written to. */
  VAULT_BUCKET: z.string(),
  /** Which of the two vaults that is. */
  FROM: VaultSide,
  POINT: z.string(),
  DATABASE: z.string(),
  /** A RestoreSelection as JSON; everything when absent. */
  SELECTION: z.string().optional(),
  RUN: z.string(),
  TRY: z.string(),
});

/** `evidence/<system>/<YYYY>/restore-result-<run>.json` */
export const RestoreResult = z.strictObject({
  format: z.literal('holdfast/restore-result/v1'),
  system: z.string(),
  asset: z.string(),
  point: z.string(),
  run: z.string(),
  database: z.string(),
  startedAt: z.iso.datetime({ offset: false }),
  finishedAt: z.iso.datetime({ offset: false }),
  bytesRestored: z.int(),
  /** What a person has to know of the new database: its locale, roles that were made or are missing. */
  notes: z.array(z.string()),
});
export type RestoreResult = z.infer<typeof RestoreResult>;

/** What the machine ends with when it succeeds. `result` is the key of the RestoreResult. */
export const RestoreOutput = z.object({
  system: z.string(),
  asset: z.string(),
  point: z.string(),
  run: z.string(),
  database: z.string(),
  result: z.string(),
});
