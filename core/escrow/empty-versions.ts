/**
 * Versions of a source that give no value of the key. Secrets Manager makes the id of a version before the rotation gives it one; of a
 * rotation that was refused, or was cancelled by taking `AWSPENDING` off it, it stays for good (`empty`). An earlier version may never
 * have held the plan's field (`keyless`), or be encrypted under a KMS key that is gone (`undecryptable`): Secrets Manager deletes no
 * version by itself, so neither may keep the rest from being whole. Pure.
 */
import * as z from 'zod';
import { emptyVersionKey, escrowPrefix } from '../vault/keys.ts';
import type { VersionWithoutValue } from './contract.ts';
import { FACT_FORMAT } from './facts.ts';

export const WITHOUT_VALUE_KINDS = ['empty', 'keyless', 'undecryptable'] as const;
export type WithoutValueKind = (typeof WITHOUT_VALUE_KINDS)[number];

/** In both regions, by version. One that gets a value after all is in escrow as any other: each run asks for it again. */
export const EmptyFact = z.strictObject({
  format: z.literal(FACT_FORMAT),
  kind: z.enum(WITHOUT_VALUE_KINDS),
  system: z.string(),
  key: z.string(),
  id: z.string(),
});
export type EmptyFact = z.infer<typeof EmptyFact>;

export const emptyFactKey = ({ system, key, id, kind }: EmptyFact): string => emptyVersionKey(system, key, encodeURIComponent(id), kind);

export type WithoutValue = { id: string; kind: WithoutValueKind };

/** @param listedKeys keys of the objects under the key asset's prefix, in any order */
export function readWithoutValue(listedKeys: readonly string[], system: string, key: string): WithoutValue[] {
  const prefix = escrowPrefix(system, key);
  return listedKeys.flatMap((listed) => {
    const [, kind, id] = /^([a-z]+)-([^/]+)\.json$/.exec(listed.startsWith(prefix) ? listed.slice(prefix.length) : '') ?? [];
    const known = WITHOUT_VALUE_KINDS.find((one) => one === kind);
    return id === undefined || known === undefined ? [] : decoded(id).map((version) => ({ id: version, kind: known }));
  });
}

function decoded(id: string): string[] {
  try {
    return [decodeURIComponent(id)];
  } catch {
    return [];
  }
}

const EXPLANATIONS: Record<WithoutValueKind, string> = {
  empty: 'has no value: a rotation is under way, or was refused or cancelled',
  keyless: 'was read, and holds no value of this key: it has not the field that the plan names, or nothing in it',
  undecryptable: 'can no longer be decrypted at its source: the KMS key that encrypts it is disabled or gone',
};

/** A sentence without its stop. */
export const explainWithoutValue = ({ key, secretVersion, why }: VersionWithoutValue): string =>
  `${key}: version ${secretVersion} ${EXPLANATIONS[why ?? 'empty']}`;
