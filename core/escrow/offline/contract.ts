/** Records of the offline copies of keys. */
import * as z from 'zod';
import { BadConfiguration } from '../../failure/input-errors.ts';
import { parseJson } from '../../parse-json.ts';

/** Kind of the fact beside an offline file, `offline-<recipients>.json`; its name says that the file was made, and for which recipients. */
export const OFFLINE = 'offline';

/** What is in `offline-<recipients>.age`. The file itself names nobody: age hides for whom it was made. */
export const OfflineFact = z.strictObject({
  format: z.literal('holdfast/escrow-fact/v1'),
  kind: z.literal(OFFLINE),
  system: z.string(),
  key: z.string(),
  fingerprint: z.string(),
  /** Of the recipients, in whatever order. */
  id: z.string(),
  recipients: z.array(z.string()).min(1),
  sha256: z.string(),
  bytes: z.int().min(1),
});
export type OfflineFact = z.infer<typeof OfflineFact>;

/**
 * For whom each key is also kept offline. The variable `OFFLINE` is its JSON: it comes with the deployment and never with a request,
 * for who may merely call the function would otherwise name himself.
 */
const OfflineRecipients = z.object({
  /** Most keys of a plan have the same. */
  sets: z.array(z.array(z.string()).min(1)),
  keys: z.record(z.string(), z.int().min(0)),
});
export type OfflineRecipients = z.infer<typeof OfflineRecipients>;

export const NOBODY_OFFLINE: OfflineRecipients = { sets: [], keys: {} };

export function packRecipients(keys: readonly { id: string; recipients: readonly string[] }[]): OfflineRecipients {
  const sets = [...new Map(keys.map(({ recipients }) => [recipients.join(' '), [...recipients]])).values()];
  const indexOf = (recipients: readonly string[]) => sets.findIndex((set) => set.join(' ') === recipients.join(' '));
  return { sets, keys: Object.fromEntries(keys.map(({ id, recipients }) => [id, indexOf(recipients)])) };
}

/** Throws BadConfiguration. */
export function readOfflineRecipients(json: string): OfflineRecipients {
  const parsed = OfflineRecipients.safeParse(parseJson(json));
  if (parsed.success) return parsed.data;
  throw new BadConfiguration(parsed.error.issues.map((issue) => `${['OFFLINE', ...issue.path].join('.')}: ${issue.message}`));
}

/** Undefined when the plan keeps no offline copy of that key. */
export const recipientsOf = ({ sets, keys }: OfflineRecipients, key: string): readonly string[] | undefined =>
  Object.hasOwn(keys, key) ? sets[keys[key] ?? -1] : undefined;
