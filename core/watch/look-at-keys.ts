/** A look at all that the system uses in one region, beside what the look before it saw. */
import type { ObjectReader } from '../ports/object-store.ts';
import { formerKeys, withKnownArns, type FormerKey } from './former-keys.ts';
import { readKeyWatch, type KeyWatchRecord } from './key-record.ts';
import type { Login } from './logins.ts';
import { loginsAmong, type Used } from './used.ts';

/** Throw nothing: what cannot be looked at is told as unseen. */
export type KeyLooks = {
  readUsed: (logins: readonly Login[] | undefined) => Promise<Used[]>;
  readFormer: (former: readonly FormerKey[]) => Promise<Used[]>;
};

/** The newest record, or why it cannot be read: that is no reason not to look, and not to tell. */
export type LookBefore = { record: KeyWatchRecord | undefined } | { error: unknown };

export async function readLookBefore({ system, escrow }: { system: string; escrow: ObjectReader }, at: Date): Promise<LookBefore> {
  try {
    return { record: await readKeyWatch(escrow, system, at) };
  } catch (error) {
    return { error };
  }
}

/** Who comes without logins goes by those that were seen last. Where that cannot be read any key of the account may be one of theirs. */
export async function lookAtKeys(logins: readonly Login[] | undefined, before: LookBefore, looks: KeyLooks): Promise<Used[]> {
  const seen = 'record' in before ? (before.record?.used ?? []) : [];
  const named = withKnownArns(await looks.readUsed(logins), seen);
  const used = [...named, ...(await looks.readFormer(formerKeys(named, seen)))];
  if (logins) return used;
  if ('record' in before) return [...used, ...loginsAmong(seen)];
  const { error } = before;
  return [...used, { kind: 'key', state: 'unseen', detail: error instanceof Error ? error.name : 'an unknown error' }];
}
