/** Signatures of one vault, held to the public keys that were handed over. */
import { parseJson } from '../../parse-json.ts';
import { isSignatureKey, signatureKey } from '../../vault/keys.ts';
import { findMismatch, openEnvelope, Envelope } from '../envelope.ts';
import type { PublicKey } from '../public-key.ts';
import type { Report } from './findings.ts';

export type SignatureState = 'signed' | 'unsigned' | 'invalid';

export type SignatureChecker = {
  /** @param envelope bytes of the signature; undefined when there is none */
  check(key: string, body: Uint8Array, envelope: Uint8Array | undefined): SignatureState;
  /** When a link or a fact was signed first: since then a run signs all that it writes. Undefined when none is signed. */
  factsSignedSince(): string | undefined;
  /** To be called last: an id of a key that is another one than that of all other signatures by it was changed. */
  reportKeyIds(): void;
  count(): number;
};

/** Holdfast writes an envelope in one way only: whatever else stands in the file was put there later. */
const isAsWritten = (bytes: Uint8Array, envelope: Envelope) => Buffer.compare(bytes, Buffer.from(JSON.stringify(envelope))) === 0;

export function signatureChecker(publicKeys: readonly PublicKey[], report: Report): SignatureChecker {
  const keys = publicKeys.map(({ key }) => key);
  const keyIds = new Map<string, { count: number; first: string }>();
  let since: string | undefined;
  let valid = 0;

  const explain = (key: string, body: Uint8Array, bytes: Uint8Array): string | undefined => {
    const parsed = Envelope.safeParse(parseJson(bytes));
    if (parsed.success && !isAsWritten(bytes, parsed.data)) return 'the signature is not written as Holdfast writes it';
    const opened = openEnvelope(parsed.data, keys);
    if (!opened.isSigned) return opened.reason;
    const mismatch = findMismatch(opened.statement, key, body);
    if (mismatch !== undefined) return mismatch;
    const signer = publicKeys[keys.indexOf(opened.publicKey as (typeof keys)[number])]?.sha256 ?? '';
    const name = `${signer} ${opened.keyId}`;
    const known = keyIds.get(name);
    keyIds.set(name, { count: (known?.count ?? 0) + 1, first: known?.first ?? signatureKey(key) });
    const { signedAt } = opened.statement.predicate;
    // Manifests and evidence were signed from the first version on.
    const isLater = key.startsWith('chain/') || (key.startsWith('catalog/') && !key.endsWith('/manifest.json'));
    if (isLater && (since === undefined || signedAt < since)) since = signedAt;
    return undefined;
  };

  return {
    check(key, body, envelope) {
      if (envelope === undefined) return 'unsigned';
      const reason = explain(key, body, envelope);
      if (reason === undefined) {
        valid++;
        return 'signed';
      }
      report('signature-invalid', key, reason);
      return 'invalid';
    },
    factsSignedSince: () => since,
    reportKeyIds() {
      const bySigner = Map.groupBy(keyIds, ([name]) => name.split(' ')[0]);
      for (const used of bySigner.values())
        for (const [name, { count, first }] of used.toSorted(([, a], [, b]) => b.count - a.count).slice(1))
          report(
            'key-id-differs',
            first,
            `${count === 1 ? 'the signature holds, and names' : `${count} signatures hold, and name`} another key than all others by the same key do: '${name.slice(name.indexOf(' ') + 1)}'`,
          );
    },
    count: () => valid,
  };
}

/** What a signature beside it would be of. */
export const signedKeyOf = (key: string): string | undefined =>
  isSignatureKey(key) ? `${key.slice(0, -'.dsse.json'.length)}.json` : undefined;
