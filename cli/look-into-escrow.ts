/** What a look into one region's escrow says beside the colours: what somebody left there, and of keys that left the plan. */
import { listEscrow, listKey, namesOfKeys } from '../adapters/escrow/list-escrow.ts';
import { explainWithoutValue } from '../core/escrow/empty-versions.ts';
import { findStrays } from '../core/escrow/strays.ts';
import { AccessRefused, StoreUnavailable } from '../core/ports/object-errors.ts';
import type { ObjectReader } from '../core/ports/object-store.ts';
import { describeLeftKey, type LeftKey } from '../core/status/left-keys.ts';
import { escrowPrefix } from '../core/vault/keys.ts';
import { markStrays, type EscrowMark } from './escrow-strays.ts';

/** Nobody may take it for nothing: what was not listed may be anything. */
export type NotSeen = { text: string; next: string };
type Look = { escrow: ObjectReader; system: string; region: string; now: Date };

export async function findMarks({ escrow, system, region }: Look, key: string): Promise<EscrowMark[] | NotSeen> {
  const prefix = escrowPrefix(system, key);
  return unlessNotSeen(`what stands in escrow of ${key}`, escrow, prefix, async () => {
    const strays = findStrays(await Array.fromAsync(escrow.listVersions(prefix)));
    return markStrays(strays.map((stray) => ({ bucket: escrow.bucket, region, stray })));
  });
}

/** Earlier versions of its source that give no value of the key; what may not be listed the marks say. */
export async function findWithoutValue({ escrow, system, now }: Look, key: string): Promise<string[]> {
  const prefix = escrowPrefix(system, key);
  const found = await unlessNotSeen(`which versions give no value of ${key}`, escrow, prefix, async () => {
    const { states, withoutValue } = await listKey(escrow, system, key, now);
    const known = new Set([...states.values()].flatMap(({ secretVersions }) => secretVersions));
    return withoutValue.flatMap(({ id, kind }) =>
      kind === 'empty' || known.has(id) ? [] : explainWithoutValue({ key, secretVersion: id, why: kind }),
    );
  });
  return 'text' in found ? [] : found;
}

/** @param planned key assets of the plan, which have colours of their own */
export async function findLeftKeys(look: Look, planned: readonly string[]): Promise<{ left: LeftKey[]; notSeen: NotSeen[] }> {
  const { escrow, system } = look;
  const all = escrowPrefix(system, '').slice(0, -1);
  const names = await unlessNotSeen('whether keys that left the plan stand in escrow', escrow, all, () => namesOfKeys(escrow, system));
  if ('text' in names) return { left: [], notSeen: [names] };
  const looked = names.filter((name) => !planned.includes(name)).map((name) => leftKey(look, name));
  const told = await Promise.all(looked);
  return {
    left: told.flatMap((one) => (one && 'key' in one ? one : [])),
    notSeen: told.flatMap((one) => (one && 'next' in one ? one : [])),
  };
}

const leftKey = ({ escrow, system, now }: Look, key: string) =>
  unlessNotSeen(`${key}, which left the plan and is in escrow`, escrow, escrowPrefix(system, key), async () =>
    describeLeftKey(key, [...(await listEscrow(escrow, system, key, now)).values()]),
  );

async function unlessNotSeen<T>(what: string, { bucket }: ObjectReader, prefix: string, look: () => Promise<T>): Promise<T | NotSeen> {
  try {
    return await look();
  } catch (error) {
    const where = `s3://${bucket}/${prefix}`;
    if (error instanceof StoreUnavailable) return { text: `Not seen: ${what}. ${where} does not answer`, next: error.advice };
    if (!(error instanceof AccessRefused)) throw error;
    return {
      text: `Not seen: ${what}. ${where} may not be listed with these credentials: they lack s3:ListBucketVersions there, or a policy denies it`,
      next: 'Ask again as the role operator or auditor, which have it (docs/roles.md); if these credentials are of one of them, look at the bucket’s policy: npx holdfast audit',
    };
  }
}
