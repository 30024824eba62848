/** Whether the restored database is what the point and the plan promise, before anybody uses it. */
import { DatabaseError, type Client, type QueryArrayConfig } from 'pg';
import { connectClient } from '../../../adapters/postgres/connection.ts';
import { endClient } from '../../../adapters/postgres/end-client.ts';
import type { SourceLogin } from '../../../adapters/postgres/source.ts';
import type { CheckResult } from '../../../core/drill/contract.ts';
import { FAILURES } from '../../../core/failure/classes.ts';
import { HoldfastError } from '../../../core/failure/error.ts';
import type { PostgresAsset } from '../../../core/plan/schema.ts';
import type { ObjectReader } from '../../../core/ports/object-store.ts';
import type { RestoreSelection } from '../../../core/restore/selection.ts';
import type { RestoreTarget } from '../../../core/restore/target.ts';
import { ofEarlierPoint, selectRestoreChecks, whyUnchecked, withoutCount } from '../../../core/validation/restore-checks.ts';
import type { VerifiedFact } from '../../../core/vault/facts.ts';
import { readPoint } from '../../../core/vault/read-point.ts';
import { runDatabaseChecks, runRowCounts } from '../../drill/run-checks.ts';
import { TargetUnfit } from '../errors.ts';
import { unlessAborted } from '../unless-aborted.ts';

const REPLACED =
  'Find out what the check has found; for the old content restore the point of the safety backup in the same way, or take an older point than this one';
const ADVICE: Record<RestoreTarget, string> = {
  beside: 'Find out what the check has found in the new database, which is kept; then drop it, and take an older point',
  'in-place':
    'Nothing was replaced. Find out what the check has found in the database that was restored beside; then drop it, and take an older point',
  'drop-and-create': REPLACED,
  'clean-replay': REPLACED,
};

export class RestoredIsWrong extends HoldfastError {
  readonly failure = 'CheckFailed';
  constructor(database: string, failed: readonly CheckResult[], target: RestoreTarget) {
    super(
      `${FAILURES.CheckFailed.what}: ${failed.map(({ name, expected, measured }) => `${name}: ${measured}, not ${expected}`).join('; ')} in ${JSON.stringify(database)}`,
      ADVICE[target],
    );
  }
}

type Validation = {
  login: SourceLogin;
  /** The database that was filled. */
  database: string;
  system: string;
  asset: PostgresAsset;
  point: string;
  selection: RestoreSelection;
  reader: ObjectReader;
  applicationName: string;
};

/**
 * The checks of the drills and those of the plan's `restore.validation`; each runs, whatever the others found. Of a part of a point there
 * is nothing to compare with, and a point that lost what verify counted has its statements alone.
 */
export async function validateRestored(validation: Validation, signal: AbortSignal): Promise<CheckResult[]> {
  const { login, database, selection, applicationName } = validation;
  if (whyUnchecked(selection) !== undefined) return [];
  const { client } = await connectClient({ ...login, database }, applicationName);
  try {
    return await unlessAborted(signal, runChecks(validation, { query: asRows(client) }, signal));
  } finally {
    await endClient(client);
  }
}

/** One after the other: they share a connection, and each has a transaction of its own. */
async function runChecks(validation: Validation, database: Asked, signal: AbortSignal): Promise<CheckResult[]> {
  const { asset, point } = validation;
  const { earlier, ...ofPoint } = selectRestoreChecks(asset);
  const verified = await readCount(validation, point);
  const all = await runDatabaseChecks(database, ofPoint, verified ?? NOTHING_COUNTED, signal);
  const results =
    verified === undefined
      ? [...ofPoint.rowCounts.map((check) => withoutCount(check, point)), ...all.filter(({ kind }) => kind === 'sql')]
      : all;
  for (const [id, checks] of earlier) {
    const counted = await readCount(validation, id);
    if (counted === undefined) results.push(...checks.map((check) => withoutCount(check, id)));
    else results.push(...(await runRowCounts(database, checks, { verified: counted }, signal)).map((one) => ofEarlierPoint(one, id)));
  }
  return results;
}

const NOTHING_COUNTED = { rows: [], largeObjects: 0 };
type Asked = { query: (sql: string) => Promise<(string | null)[][]> };

/** What verify counted of a point; undefined when the point is gone or lost that fact. */
async function readCount({ reader, system, asset }: Validation, point: string): Promise<VerifiedFact | undefined> {
  const records = await readPoint(reader, system, asset.id, point);
  return records?.facts.filter((fact): fact is VerifiedFact => fact.kind === 'verified').at(-1);
}

/** As the checks of a drill ask: text in rows, and a refused statement as an answer. */
const asRows =
  (client: Client) =>
  async (text: string): Promise<(string | null)[][]> => {
    // The extended protocol takes one statement: nothing can be hung onto a check, on a server that others use.
    const statement: QueryArrayConfig<unknown[]> & { queryMode: 'extended' } = { text, rowMode: 'array', queryMode: 'extended' };
    try {
      const { rows } = await client.query<(string | boolean | null)[]>(statement);
      return rows.map((row) => row.map((value) => (value === null ? null : String(value))));
    } catch (error) {
      if (error instanceof DatabaseError && !/^(08|57P)/.test(error.code ?? '')) throw error;
      throw new TargetUnfit('TargetUnreachable', 'while the restored database was checked', undefined, { cause: error });
    }
  };
