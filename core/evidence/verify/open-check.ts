/** What every check begins and ends with, of a vault as of an export. */
import { plural } from '../../quantities.ts';
import { publicKeyKey } from '../../vault/keys.ts';
import { readKeptKeys } from '../kept-keys.ts';
import type { PublicKey } from '../public-key.ts';
import { isYoungAt, type CheckContext } from './context.ts';
import { decideVerdict, type Findings, type Verdict } from './findings.ts';
import { signatureChecker } from './signatures.ts';
import type { VaultCopy } from './vault-copy.ts';

export type Progress = { points: number; records: number; bytes: number; asset?: string };

export type CheckRequest = {
  copy: VaultCopy;
  system: string;
  publicKeys: readonly PublicKey[];
  now: Date;
  onProgress(progress: Progress): void;
  signal: AbortSignal;
};

type Closed = Findings & { verdict: Verdict; signatures: number; unsignedByDesign: number };

export async function openCheck(
  request: CheckRequest,
): Promise<{ context: CheckContext; findings: Findings; done: Progress; close: () => Closed }> {
  const { copy, system, now, signal } = request;
  const findings: Findings = { problems: [], notes: [] };
  const done: Progress = { points: 0, records: 0, bytes: 0 };
  const report: CheckContext['report'] = (kind, key, text, records) =>
    void findings.problems.push({ kind, key, text, ...(records && { records }) });
  let unsignedByDesign = 0;
  const open = new Set<string>();
  const context: CheckContext = {
    copy,
    system,
    signatures: signatureChecker(request.publicKeys, await readKeptKeys(copy.reader, system), report),
    report,
    reportUnlessYoung(kind, key, id, text) {
      if (isYoungAt(id, now)) open.add(key);
      else report(kind, key, text);
    },
    isYoung: (id) => isYoungAt(id, now),
    countUnsigned: () => void unsignedByDesign++,
    onRecord(bytes) {
      done.records++;
      done.bytes += bytes;
      request.onProgress(done);
    },
    signal,
  };
  const close = () => {
    const { notes } = findings;
    context.signatures.reportKeyIds();
    tellOtherKeys(context, notes);
    if (unsignedByDesign > 0)
      notes.push(
        `${plural(unsignedByDesign, 'record was', 'records were')} written by the first release, which signed none of their kind: only their form was checked, and what signed evidence repeats of them`,
      );
    if (open.size > 0) {
      const [first = ''] = [...open].toSorted();
      notes.push(
        `Nothing vouches yet for ${plural(open.size, 'record that is', 'records that are')} younger than a day: their runs may be at it. Check again tomorrow (${first}${open.size > 1 ? ', …' : ''})`,
      );
    }
    const problems = findings.problems.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
    return { verdict: decideVerdict(problems), problems, notes, signatures: context.signatures.count(), unsignedByDesign };
  };
  return { context, findings, done, close };
}

/** Once for each key, with the records that it speaks for: what else is wrong must be seen beside it. */
function tellOtherKeys({ system, signatures, report }: CheckContext, notes: string[]): void {
  for (const { sha256, signed, named } of signatures.otherKeys()) {
    const key = publicKeyKey(system, sha256);
    if (signed.length === 0) notes.push(`The vault holds a public key that was not given, and nothing signed by it counts: ${key}`);
    else
      report(
        'key-not-given',
        key,
        [
          `${plural(signed.length, 'signature was', 'signatures were')} made by this key, which the vault keeps and nobody gave: they are whole, and vouch for nothing until its SHA-256 is compared with what was kept outside of AWS, and it is given (--public-key). They are of ${firstOf(signed)}`,
          ...(named.length === 0
            ? []
            : [
                `${plural(named.length, 'record has no signature and stands', 'records have no signature and stand')} by the word of these alone: ${firstOf(named)}`,
              ]),
        ].join('. '),
        [...signed, ...named],
      );
  }
}

const MOST_NAMED = 5;
const firstOf = (keys: readonly string[]) =>
  [...keys.slice(0, MOST_NAMED), ...(keys.length > MOST_NAMED ? [`${keys.length - MOST_NAMED} more`] : [])].join(', ');
