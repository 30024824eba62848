/** Signatures of one vault, held to the public keys that were handed over. */
import { parseJson } from '../../parse-json.ts';
import { isSignatureKey, signatureKey } from '../../vault/keys.ts';
import { findMismatch, openEnvelope, verifyEnvelope, Envelope } from '../envelope.ts';
import type { PublicKey } from '../public-key.ts';
import type { Report } from './findings.ts';

/**
 * `other-key`: it holds, by a key that the vault keeps and that nobody handed over: of a region that could not be asked, of a key that
 * was replaced, or of whoever put both there. Nothing is wrong with it, and it vouches for nothing.
 */
export type SignatureState = 'signed' | 'other-key' | 'unsigned' | 'invalid';

/**
 * A key that the vault keeps and that was not handed over. `signed`: what its signatures are of. `named`: what has no signature, and
 * stands only by the word of evidence of this key.
 */
export type OtherKey = { sha256: string; signed: readonly string[]; named: readonly string[] };

export type SignatureChecker = {
  /** @param envelope bytes of the signature; undefined when there is none */
  check(key: string, body: Uint8Array, envelope: Uint8Array | undefined): SignatureState;
  /** When a link or a fact was signed first: since then a run signs all that it writes. Undefined when none is signed. */
  factsSignedSince(): string | undefined;
  /** To be called last: an id of a key that is another one than that of all other signatures by it was changed. */
  reportKeyIds(): void;
  /** That this record stands by the word of evidence alone that a key signed which was not given. */
  addNamed(key: string, evidence: string): void;
  /** To be called last. */
  otherKeys(): OtherKey[];
  count(): number;
};

/** Holdfast writes an envelope in one way only: whatever else stands in the file was put there later. */
const isAsWritten = (bytes: Uint8Array, envelope: Envelope) => Buffer.compare(bytes, Buffer.from(JSON.stringify(envelope))) === 0;

/**
 * @param given signatures are held to these
 * @param kept those that the vault keeps: they only tell what others made from what nobody made
 */
export function signatureChecker(given: readonly PublicKey[], kept: readonly PublicKey[], report: Report): SignatureChecker {
  const keys = given.map(({ key }) => key);
  const others = new Map(
    kept
      .filter(({ sha256 }) => given.every((one) => one.sha256 !== sha256))
      .map((one) => [one.sha256, { ...one, signed: new Set<string>(), named: new Set<string>() }]),
  );
  const keyIds = new Map<string, { count: number; first: string }>();
  let since: string | undefined;
  let valid = 0;

  /** Undefined when the signature is one of the given keys' over this record. */
  const explain = (
    key: string,
    body: Uint8Array,
    bytes: Uint8Array,
  ): { reason: string } | { other: { signed: Set<string> } } | undefined => {
    const parsed = Envelope.safeParse(parseJson(bytes));
    if (parsed.success && !isAsWritten(bytes, parsed.data)) return { reason: 'the signature is not written as Holdfast writes it' };
    const opened = openEnvelope(parsed.data, keys);
    if (!opened.isSigned) {
      const other = [...others.values()].find((one) => holds(parsed.data, one, key, body));
      return other ? { other } : { reason: opened.reason };
    }
    const mismatch = findMismatch(opened.statement, key, body);
    if (mismatch !== undefined) return { reason: mismatch };
    const signer = given[keys.indexOf(opened.publicKey as (typeof keys)[number])]?.sha256 ?? '';
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
      const found = explain(key, body, envelope);
      if (found === undefined) {
        valid++;
        return 'signed';
      }
      if ('other' in found) {
        found.other.signed.add(key);
        return 'other-key';
      }
      report('signature-invalid', key, found.reason);
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
    addNamed(key, evidence) {
      for (const { signed, named } of others.values()) if (signed.has(evidence)) named.add(key);
    },
    otherKeys: () =>
      [...others.values()].map(({ sha256, signed, named }) => ({ sha256, signed: [...signed].toSorted(), named: [...named].toSorted() })),
    count: () => valid,
  };
}

const holds = (envelope: unknown, { key: by }: PublicKey, key: string, body: Uint8Array) => verifyEnvelope(envelope, by, key, body).isValid;

/** What a signature beside it would be of. */
export const signedKeyOf = (key: string): string | undefined =>
  isSignatureKey(key) ? `${key.slice(0, -'.dsse.json'.length)}.json` : undefined;
