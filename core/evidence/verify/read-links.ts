import { mapSeveralAtOnce } from '../../several-at-once.ts';
import { chainKey, chainPrefix, isSignatureKey, signatureKey } from '../../vault/keys.ts';
import type { StoredLink } from './check-chain.ts';
import type { CheckContext } from './context.ts';
import { signedKeyOf } from './signatures.ts';
import { listKeys, readBody, reportTraces, type ListedKey } from './vault-copy.ts';

const READS_AT_ONCE = 16;

/** Links of an asset in the order of their numbers, each held to its signature. */
export async function readLinks(context: CheckContext, { system, asset }: { system: string; asset: string }): Promise<StoredLink[]> {
  const prefix = chainPrefix(system, asset);
  const keys = new Map<string, ListedKey>();
  for await (const listed of listKeys(context.copy, prefix)) {
    reportTraces(listed, context.report);
    if (listed.version) keys.set(listed.key, listed);
  }
  const links: { number: number; listed: ListedKey }[] = [];
  for (const [key, listed] of keys) {
    const number = Number(/^(\d{9})\.json$/.exec(key.slice(prefix.length))?.[1] ?? 0);
    if (number > 0 && key === chainKey(system, asset, number)) links.push({ number, listed });
    else if (!isSignatureKey(key)) context.report('record-foreign', key, 'Holdfast writes nothing of this name into a chain');
    else if (!keys.has(signedKeyOf(key) ?? ''))
      context.report('record-missing', signedKeyOf(key) ?? '', 'its signature is there, and it is not');
  }
  const read = await mapSeveralAtOnce(links, READS_AT_ONCE, async ({ number, listed }): Promise<StoredLink | undefined> => {
    context.signal.throwIfAborted();
    const [body, envelope] = await Promise.all([
      readBody(context.copy, listed),
      readBody(context.copy, keys.get(signatureKey(listed.key))),
    ]);
    if (!body) return undefined;
    context.onRecord(body.length);
    return { number, body, signature: context.signatures.check(listed.key, body, envelope) };
  });
  return read.filter((link) => link !== undefined).toSorted((a, b) => a.number - b.number);
}
