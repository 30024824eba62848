import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { readRecord } from '../../adapters/vault/read-records.ts';
import { parseRecordName } from '../../core/evidence/verify/context.ts';
import { readKeptKeys } from '../../core/evidence/kept-keys.ts';
import type { PublicKey } from '../../core/evidence/public-key.ts';
import { signatureChecker } from '../../core/evidence/verify/signatures.ts';
import { describeEvidence } from '../../core/report/evidence/describe-evidence.ts';
import { renderEvidence } from '../../core/report/evidence/render-evidence.ts';
import { renderIndex, type IndexLine } from '../../core/report/evidence/render-index.ts';
import { signatureKey } from '../../core/vault/keys.ts';
import type { VaultPlace } from '../connection.ts';
import { UsageWrong } from '../errors.ts';
import { openPoints } from '../points.ts';
import type { Answer, Context } from '../verb.ts';
import { readKeyFiles } from './files.ts';
import { readEvidence } from './read-evidence.ts';
import { readHoldRecords } from './read-hold-records.ts';
import { explainMissing, signingKeys, type SigningKeys } from './signing-keys.ts';
import { plural } from '../../core/quantities.ts';

type Wish = {
  directory: string;
  kind: readonly string[];
  publicKey: readonly string[];
  asset?: string | undefined;
  since?: string | undefined;
  until?: string | undefined;
  from: VaultPlace;
};

/** More lines make no page that a person reads; the folder has all. */
const MOST_LINES = 5000;

/** Records are written as they come, and not held. */
export async function exportEvidence(context: Context, wish: Wish): Promise<Answer> {
  const { frame, version } = context;
  const plan = context.plan();
  const { system } = plan;
  const target = resolve(frame.workingDirectory, wish.directory);
  if (existsSync(target)) throw new UsageWrong('evidence export', [`<directory>: ${wish.directory} exists already`]);
  const now = frame.now();
  const period = {
    since: wish.since ?? new Date(now.getTime() - 365 * 86_400_000).toISOString().slice(0, 10),
    until: wish.until ?? now.toISOString().slice(0, 10),
  };
  if (period.since > period.until) throw new UsageWrong('evidence export', [`--since: ${period.since} lies after ${period.until}`]);
  const vault = await openPoints(context, wish.from);
  const { keys, missing } = await trustedKeys(context, wish.publicKey);
  const kept = await vault.reading(() => readKeptKeys(vault.reader, system));
  const signatures = signatureChecker(keys, kept, () => undefined);
  const stopping = new AbortController();
  const removeHandler = frame.onInterrupt(() => stopping.abort());
  const write = (key: string, bytes: Uint8Array | string) => {
    const path = join(target, ...key.split('/'));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes, { flag: 'wx' });
  };
  async function* recordsOf() {
    yield* readEvidence(vault.reader, { system, years: yearsOf(period).toReversed() });
    if (wish.kind.includes('held') || wish.kind.includes('released')) yield* readHoldRecords(vault, plan, wish.asset);
  }
  const lines: IndexLine[] = [];
  const done = { records: 0, unsigned: 0, otherKey: 0, invalid: 0, unknown: 0 };
  try {
    mkdirSync(target, { recursive: true });
    await vault.reading(async () => {
      for await (const { key, body } of recordsOf()) {
        if (stopping.signal.aborted) return;
        const name = parseRecordName(key.split('/').at(-1) ?? '');
        if (!name || !wish.kind.includes(name.kind) || !isWithin(name.id, period)) continue;
        const described = describeEvidence(body);
        if (wish.asset !== undefined && described?.asset !== undefined && described.asset !== wish.asset) continue;
        const signature = await readRecord(vault.reader, signatureKey(key));
        const state = signatures.check(key, body, signature?.body);
        write(key, body);
        if (signature) write(signatureKey(key), signature.body);
        done.records++;
        if (state !== 'signed') done[state === 'other-key' ? 'otherKey' : state]++;
        if (!described) {
          done.unknown++;
          continue;
        }
        const page = key.replace(/\.json$/, '.html');
        const sha256 = createHash('sha256').update(body).digest('hex');
        write(page, renderEvidence(described, { system, key, sha256, signature: state, body, version }));
        if (lines.length < MOST_LINES) lines.push({ ...described, page, key, signature: state });
      }
    });
  } finally {
    removeHandler();
  }
  if (stopping.signal.aborted)
    return { data: { status: 'stopped' }, text: () => `Stopped; ${wish.directory} is not whole`, exit: 'StoppedWatching' };
  write('evidence-key.pem', `${keys.map(({ pem }) => pem.trim()).join('\n')}\n`);
  const left = done.records - done.unknown - lines.length;
  const notes = missing.map(explainMissing);
  write('index.html', renderIndex(lines, { system, ...period, from: wish.from, madeAt: now.toISOString(), version, left, notes }));
  return {
    data: { directory: wish.directory, system, from: wish.from, ...period, ...done, missingKeys: missing },
    text: (paint) =>
      [
        `${wish.directory} holds ${plural(done.records, 'record')} of evidence of ${period.since} to ${period.until}: open index.html`,
        ...(done.invalid > 0
          ? [
              paint(
                'red',
                `${plural(done.invalid, 'signature does not hold', 'signatures do not hold')}: npx holdfast evidence verify says why`,
              ),
            ]
          : []),
        ...notes.map((note) => paint('yellow', note)),
        ...(done.otherKey > 0
          ? [
              paint(
                'yellow',
                `${plural(done.otherKey, 'signature is', 'signatures are')} by a key that the vault keeps and nobody gave: npx holdfast evidence verify names it`,
              ),
            ]
          : []),
        ...(done.unsigned > 0 ? [paint('yellow', `${plural(done.unsigned, 'record is', 'records are')} not signed`)] : []),
        ...(done.unknown > 0
          ? [
              paint(
                'yellow',
                `${plural(done.unknown, 'record is', 'records are')} of no kind that this version knows: copied without a page`,
              ),
            ]
          : []),
      ].join('\n'),
    exit: done.invalid > 0 || done.otherKey > 0 ? 'ProblemsFound' : undefined,
  };
}

type TrustedKeys = { keys: readonly PublicKey[]; missing: SigningKeys['missing'] };

async function trustedKeys(context: Context, files: readonly string[]): Promise<TrustedKeys> {
  const given = files.map((called) => ({ called, path: resolve(context.frame.workingDirectory, called) }));
  if (given.length > 0) return { keys: readKeyFiles('evidence export', given), missing: [] };
  const { keys, missing } = await signingKeys(await context.connect(), context.plan());
  return { keys: keys.map(({ publicKey }) => publicKey), missing };
}

type Period = { since: string; until: string };

function yearsOf({ since, until }: Period): number[] {
  const [first, last] = [Number(since.slice(0, 4)), Number(until.slice(0, 4))];
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** By the run's own time, which its id begins with. */
function isWithin(id: string, { since, until }: Period): boolean {
  const day = id.slice(0, 8);
  return day >= since.replaceAll('-', '') && day <= until.replaceAll('-', '');
}
