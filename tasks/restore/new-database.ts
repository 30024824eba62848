/** Around whatever fills a new database: how programs log in to it, what owners need meanwhile, and what a person has to know. */
import { withLibpqAccess, type LibpqAccess } from '../../adapters/postgres/libpq.ts';
import type { SourceLogin } from '../../adapters/postgres/source.ts';
import type { ArchiveNeeds } from '../../core/restore/archive-needs.ts';
import { describeLeftOut } from '../../core/restore/describe-left-out.ts';
import type { Preflight } from '../../core/restore/find-obstacles.ts';
import { ownerGrantStatements } from '../../core/restore/owner-grants.ts';
import { restoreLoginOf } from '../../core/restore/restore-login.ts';
import { RestoreStopped } from './errors.ts';
import type { RestoreOrder, RestorePorts } from './run-restore.ts';
import type { StoredPoint } from './stored-point.ts';
import { connectToTarget, type Target } from './target.ts';

export type Prepared = { target: Target; point: StoredPoint; needs: ArchiveNeeds; preflight: Preflight; applicationName: string };

/** While `load` runs the programs of PostgreSQL, those who are given objects may create in the new database. */
export async function withNewDatabase(
  order: RestoreOrder,
  { login }: RestorePorts,
  prepared: Prepared,
  load: (access: LibpqAccess) => Promise<void>,
): Promise<void> {
  const { database, scratchDir, path } = order;
  const { applicationName } = prepared;
  const inside = { ...login, database };
  const grants = grantsOf(order, prepared);
  await runInside(inside, applicationName, grants.before);
  await withLibpqAccess(inside, { scratchDir, path, applicationName }, load);
  await runInside(inside, applicationName, grants.after);
}

function grantsOf({ asset, database, selection }: RestoreOrder, { target, needs, preflight }: Prepared) {
  const keep = restoreLoginOf(asset, selection).noPrivileges ? new Set<string>() : needs.publicCreators;
  const owners = target.rights.isSuperuser ? [] : preflight.owners;
  return ownerGrantStatements(database, owners, keep, target.serverMajor);
}

/** @param isReplacing who may connect to it, and whose it is, is then as it was before */
export const lastNotes = ({ asset, selection }: RestoreOrder, { point, target }: Prepared, isReplacing: boolean): string[] => [
  ...describeLeftOut(restoreLoginOf(asset, selection), point.manifest.dump.options, target.rights.login, selection, isReplacing),
  ...(isReplacing ? [] : ['Only the owner of the new database may connect to it: grant CONNECT to whom it is for']),
];

/** A connection of its own each time: one that idles through a long restore may be gone at its end. */
async function runInside(login: SourceLogin, applicationName: string, statements: readonly string[]): Promise<void> {
  if (statements.length === 0) return;
  const connection = await connectToTarget(login, applicationName);
  try {
    for (const sql of statements) await connection.query('let owners create in the new database', sql);
  } finally {
    await connection.end();
  }
}

const OWNER_STATES = ['42501', '42704'];

/** Rights and missing roles are the common reasons, and the plan has the answer. */
export function explain(error: unknown, roleNotes: string[]): unknown {
  if (!(error instanceof RestoreStopped) || !OWNER_STATES.includes(error.problem.sqlstate ?? '')) return error;
  const advice = [
    ...roleNotes,
    'Let a superuser restore (`restore.secret` in the plan), or set `restore.noOwner` and `restore.noPrivileges`',
  ].join('. ');
  return new RestoreStopped('The restore', error.problem, 'TargetUnreachable', advice);
}
