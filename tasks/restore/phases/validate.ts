/** Whether the restored database is what the point and the plan promise, before anybody uses it. */
import { DatabaseError, type Client } from 'pg';
import { connectClient } from '../../../adapters/postgres/connection.ts';
import { endClient } from '../../../adapters/postgres/end-client.ts';
import type { SourceLogin } from '../../../adapters/postgres/source.ts';
import { FAILURES } from '../../../core/failure/classes.ts';
import { HoldfastError } from '../../../core/failure/error.ts';
import type { CheckResult } from '../../../core/drill/contract.ts';
import type { PostgresAsset } from '../../../core/plan/schema.ts';
import { isEverything, type RestoreSelection } from '../../../core/restore/selection.ts';
import type { VerifiedFact } from '../../../core/vault/facts.ts';
import { runDatabaseChecks } from '../../drill/run-checks.ts';
import { TargetUnfit } from '../errors.ts';

export class RestoredIsWrong extends HoldfastError {
  readonly failure = 'CheckFailed';
  constructor(database: string, failed: readonly CheckResult[]) {
    super(
      `${FAILURES.CheckFailed.what}: ${failed.map(({ name, expected, measured }) => `${name}: ${measured}, not ${expected}`).join('; ')} in ${JSON.stringify(database)}`,
      'Take an older point, or find out what the check has found; a restore in place has touched nothing yet',
    );
  }
}

type Validation = {
  login: SourceLogin;
  /** The database that was filled. */
  database: string;
  asset: PostgresAsset;
  selection: RestoreSelection;
  /** What verify counted; undefined for a point that lost the fact. */
  verified: VerifiedFact | undefined;
  applicationName: string;
};

/** The checks of the drills, which compare with what verify counted. Of a part of a point there is nothing to compare with. */
export async function validateRestored(validation: Validation, signal: AbortSignal): Promise<CheckResult[]> {
  const { login, database, asset, selection, verified, applicationName } = validation;
  if (!isEverything(selection) || verified === undefined) return [];
  const { client } = await connectClient({ ...login, database }, applicationName);
  try {
    return await runDatabaseChecks({ query: asRows(client) }, asset.drill, verified, signal);
  } finally {
    await endClient(client);
  }
}

/** As the checks of a drill ask: text in rows, and a refused statement as an answer. */
const asRows =
  (client: Client) =>
  async (sql: string): Promise<(string | null)[][]> => {
    try {
      const { rows } = await client.query<(string | boolean | null)[]>({ text: sql, rowMode: 'array' });
      return rows.map((row) => row.map((value) => (value === null ? null : String(value))));
    } catch (error) {
      if (error instanceof DatabaseError && !/^(08|57P)/.test(error.code ?? '')) throw error;
      throw new TargetUnfit('TargetUnreachable', 'while the restored database was checked', undefined, { cause: error });
    }
  };
