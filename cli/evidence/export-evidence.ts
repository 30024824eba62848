import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { PublicKey } from '../../core/evidence/public-key.ts';
import { EXPORT_LIST_FILE, type ExportList } from '../../core/evidence/export-list.ts';
import { signatureChecker } from '../../core/evidence/verify/signatures.ts';
import { plural } from '../../core/quantities.ts';
import { renderIndex } from '../../core/report/evidence/render-index.ts';
import { publicKeyKey } from '../../core/vault/keys.ts';
import type { VaultPlace } from '../connection.ts';
import { UsageWrong } from '../errors.ts';
import type { Paint } from '../output/paint.ts';
import type { Answer, Context } from '../verb.ts';
import { readKeyFiles } from './files.ts';
import { evidenceFolder, PLACES, type Done } from './evidence-folder.ts';
import { openRegions, readRegions } from './read-both-regions.ts';
import { explainMissing, signingKeys, type SigningKeys } from './signing-keys.ts';

type Wish = {
  directory: string;
  /** All when absent. */
  kind?: readonly string[] | undefined;
  publicKey: readonly string[];
  asset?: string | undefined;
  since?: string | undefined;
  until?: string | undefined;
  from: VaultPlace;
};

/** Records are written as they come, and not held. */
export async function exportEvidence(context: Context, wish: Wish): Promise<Answer> {
  const { frame, version } = context;
  const plan = context.plan();
  const { system } = plan;
  const now = frame.now();
  const period = periodOf(wish, now);
  const target = resolve(frame.workingDirectory, wish.directory);
  if (existsSync(target)) throw new UsageWrong('evidence export', [`<directory>: ${wish.directory} exists already`]);
  const { regions, unread } = await openRegions(context, wish.from);
  const { keys, missing } = await trustedKeys(context, wish.publicKey);
  const kept = regions.flatMap(({ keptKeys }) => keptKeys);
  const folder = evidenceFolder(target, {
    system,
    version,
    now,
    asset: wish.asset,
    signatures: signatureChecker(keys, kept, () => undefined),
  });
  const records = readRegions(regions, {
    plan,
    system,
    asset: wish.asset,
    years: yearsOf(period).toReversed(),
    isWanted: ({ kind, id }) => isOf(wish, kind) && isWithin(id, period),
    withHolds: isOf(wish, 'held') || isOf(wish, 'released'),
  });
  const stopping = new AbortController();
  const removeHandler = frame.onInterrupt(() => stopping.abort());
  try {
    for await (const record of records) {
      if (stopping.signal.aborted) break;
      folder.add(record);
    }
  } finally {
    removeHandler();
  }
  if (stopping.signal.aborted)
    return { data: { status: 'stopped' }, text: () => `Stopped; ${wish.directory} is not whole`, exit: 'StoppedWatching' };
  const { done } = folder;
  const notes = [...unread, ...missing.map(explainMissing)];
  const readIn = regions.map(({ place }) => PLACES[place]).join(' and ');
  folder.write('evidence-key.pem', `${keys.map(({ pem }) => pem.trim()).join('\n')}\n`);
  folder.write(
    'index.html',
    renderIndex(folder.lines, {
      system,
      ...period,
      readIn,
      madeAt: now.toISOString(),
      version,
      left: done.records - done.unknown - folder.lines.length,
      notes,
    }),
  );
  // So that a check tells a key that nobody gave from none at all.
  for (const [sha256, { pem }] of new Map(kept.map((key) => [key.sha256, key]))) folder.write(publicKeyKey(system, sha256), pem);
  const list: ExportList = {
    format: 'holdfast/evidence-export/v1',
    system,
    readIn: regions.map(({ place }) => place),
    ...period,
    kinds: wish.kind && [...wish.kind],
    asset: wish.asset,
    madeAt: now.toISOString(),
    files: [...folder.files],
  };
  // Last: a folder without it did not come to its end.
  folder.write(EXPORT_LIST_FILE, `${JSON.stringify(list, undefined, 1)}\n`);
  const { unvouched, ...counts } = done;
  return {
    data: {
      directory: wish.directory,
      system,
      from: wish.from,
      readIn: regions.map(({ place }) => place),
      ...period,
      ...counts,
      missingKeys: missing,
      notes,
    },
    text: (paint) => sayDone(wish.directory, period, { done, notes }, paint),
    exit: unvouched > 0 ? 'ProblemsFound' : undefined,
  };
}

const isOf = ({ kind: kinds }: Pick<Wish, 'kind'>, kind: string) => kinds === undefined || kinds.includes(kind);

function sayDone(directory: string, period: Period, { done, notes }: { done: Done; notes: readonly string[] }, paint: Paint): string {
  const told = (count: number, colour: 'red' | 'yellow', one: string, more: string) =>
    count > 0 ? [paint(colour, plural(count, one, more))] : [];
  return [
    `${directory} holds ${plural(done.records, 'record')} of evidence of ${period.since} to ${period.until}: open index.html`,
    ...notes.map((note) => paint('yellow', note)),
    ...told(
      done.invalid,
      'red',
      'signature does not hold: npx holdfast evidence verify says why',
      'signatures do not hold: npx holdfast evidence verify says why',
    ),
    ...told(
      done.otherKey,
      'yellow',
      'signature is by a key that the vault keeps and nobody gave: npx holdfast evidence verify names it',
      'signatures are by a key that the vault keeps and nobody gave: npx holdfast evidence verify names it',
    ),
    ...told(done.unsigned, 'yellow', 'record is not signed', 'records are not signed'),
    ...told(
      done.unknown,
      'yellow',
      'record is of no kind that this version knows: copied without a page',
      'records are of no kind that this version knows: copied without a page',
    ),
  ].join('\n');
}

type TrustedKeys = { keys: readonly PublicKey[]; missing: SigningKeys['missing'] };

async function trustedKeys(context: Context, files: readonly string[]): Promise<TrustedKeys> {
  const given = files.map((called) => ({ called, path: resolve(context.frame.workingDirectory, called) }));
  if (given.length > 0) return { keys: readKeyFiles('evidence export', given), missing: [] };
  const { keys, missing } = await signingKeys(await context.connect(), context.plan());
  return { keys: keys.map(({ publicKey }) => publicKey), missing };
}

type Period = { since: string; until: string };

/** Throws UsageWrong. */
function periodOf({ since, until }: Pick<Wish, 'since' | 'until'>, now: Date): Period {
  const period = {
    since: since ?? new Date(now.getTime() - 365 * 86_400_000).toISOString().slice(0, 10),
    until: until ?? now.toISOString().slice(0, 10),
  };
  if (period.since > period.until) throw new UsageWrong('evidence export', [`--since: ${period.since} lies after ${period.until}`]);
  return period;
}

function yearsOf({ since, until }: Period): number[] {
  const [first, last] = [Number(since.slice(0, 4)), Number(until.slice(0, 4))];
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** By the run's own time, which its id begins with. */
function isWithin(id: string, { since, until }: Period): boolean {
  const day = id.slice(0, 8);
  return day >= since.replaceAll('-', '') && day <= until.replaceAll('-', '');
}
