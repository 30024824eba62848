/**
 * Versions of a source that hold no value. Secrets Manager makes the id of a version before the rotation gives it one; of a rotation
 * that was refused, or was cancelled by taking `AWSPENDING` off it, it stays for good. Pure.
 */
import * as z from 'zod';
import { emptyVersionKey, escrowPrefix } from '../vault/keys.ts';
import { FACT_FORMAT } from './facts.ts';

/** In both regions, by version. One that got a value after all is in escrow as any other: each run asks for it again. */
export const EmptyFact = z.strictObject({
  format: z.literal(FACT_FORMAT),
  kind: z.literal('empty'),
  system: z.string(),
  key: z.string(),
  id: z.string(),
});
export type EmptyFact = z.infer<typeof EmptyFact>;

export const emptyFactKey = ({ system, key, id }: EmptyFact): string => emptyVersionKey(system, key, encodeURIComponent(id));

/** @param listedKeys keys of the objects under the key asset's prefix, in any order */
export function readEmptyVersions(listedKeys: readonly string[], system: string, key: string): Set<string> {
  const prefix = escrowPrefix(system, key);
  const ids = listedKeys.flatMap((listed) => {
    const [, id] = /^empty-([^/]+)\.json$/.exec(listed.startsWith(prefix) ? listed.slice(prefix.length) : '') ?? [];
    return id === undefined ? [] : decoded(id);
  });
  return new Set(ids);
}

function decoded(id: string): string[] {
  try {
    return [decodeURIComponent(id)];
  } catch {
    return [];
  }
}
