/**
 * A new database filled from a point. It says of itself what it is and how far it has come: a run that is killed leaves it to the next
 * try, which goes on with it or begins anew.
 */
import { createHash, randomUUID } from 'node:crypto';
import { openLoadSession, type LoadSession, type OpenLoadSession } from '../../adapters/postgres/load-session.ts';
import type { SourceConnection } from '../../adapters/postgres/connection.ts';
import { FAILURES } from '../../core/failure/classes.ts';
import { HoldfastError } from '../../core/failure/error.ts';
import { describeRefused, describeSubscriptions } from '../../core/restore/describe-left-out.ts';
import { progressSchemaBeside, type RestorePhase } from '../../core/restore/half-made.ts';
import { quoteIdentifier, quoteLiteral } from '../../core/restore/sql-names.ts';
import { setSettings } from './set-settings.ts';
import { withDatabaseLock } from './database-lock.ts';
import { HalfMadeDatabaseKept, HalfMadeDatabaseLeft, RestoreTakenOver } from './errors.ts';
import type { LeaveOut } from './load-end.ts';
import { explain, lastNotes, type Prepared } from './new-database.ts';
import { provideRoles } from './preflight.ts';
import { removeHalfMade } from './remove-half-made.ts';
import { readSubscriptions } from './subscriptions.ts';
import type { RestoreOrder, RestorePorts } from './run-restore.ts';
import { enterPhase, isHolder, makeProgress, removeProgress, type ProgressTable } from './segmented/progress.ts';
import { takeUp, type HalfMade } from './segmented/take-up.ts';
import { asTargetFailure, closeDatabase, createTargetDatabase, dropDatabase, readDatabaseOid, renameDatabase } from './target.ts';

type Within = <T>(work: (session: LoadSession) => Promise<T>) => Promise<T>;

/** `from`: where an earlier try came to. A load that cannot go on never enters a phase, and finds itself at the first one. */
export type LoadSteps = {
  table: ProgressTable;
  within: Within;
  from: RestorePhase;
  enter: (phase: RestorePhase) => Promise<void>;
  leaveOut: LeaveOut;
};

type Fill = Prepared & {
  /** What this restore is, in one text. */
  identity: string;
  /** What an earlier try left. */
  halfMade: HalfMade | undefined;
  /** Into the database. */
  open: OpenLoadSession;
  /** From now on what stands there of an earlier try is this run's own, or gone. */
  taken: () => void;
  /** What a person has to know of what is restored. */
  notes: readonly string[];
  /** Whether the database is to have the settings that its source has; some tables of it have none of their own. */
  hasSettings: boolean;
  load: (steps: LoadSteps) => Promise<void>;
};

type Begun = {
  phase: RestorePhase;
  notes: string[];
  table: ProgressTable;
  /** Of the database, when this run made it. */
  oid: string | undefined;
};

/** @returns what a person has to know of it, and what removes `traces`, a schema, once that is recorded */
export async function fillDatabase(
  order: RestoreOrder,
  ports: RestorePorts,
  fill: Fill,
  signal: AbortSignal,
): Promise<{ notes: string[]; traces: string; finish: () => Promise<void> }> {
  const roleNotes = await provideRoles(fill.target, fill.preflight);
  signal.throwIfAborted();
  const within: Within = async (work) => {
    const session = await fill.open();
    try {
      return await work(session);
    } finally {
      await session.close();
    }
  };
  const locked = <T>(work: (connection: SourceConnection) => Promise<T>) =>
    withDatabaseLock(ports.login, fill.applicationName, order.database, work);
  const begun = await locked((connection) => begin(order, ports, fill, { connection, within, roleNotes }));
  const { table } = begun;
  const leftOut: string[] = [];
  let lastWords: string[];
  try {
    if (begun.phase !== 'done') {
      const enter = async (next: RestorePhase, notes?: readonly string[]) => {
        await within((session) => enterPhase(session, table, next, notes));
        begun.phase = next;
      };
      await fill.load({ table, within, from: begun.phase, enter, leaveOut: (name) => leftOut.push(name) });
      begun.notes.push(...describeRefused(leftOut, fill.target.rights.login));
      // Nobody loads again what was left out, and finds that it is.
      await enter('done', begun.notes);
    }
    lastWords = await within(async (session) => [
      ...(fill.hasSettings ? await setSettings(fill.point, session) : []),
      ...describeSubscriptions(await readSubscriptions((tried, sql) => session.query(tried, sql))),
    ]);
  } catch (error) {
    const cause: unknown = signal.aborted ? signal.reason : asTargetFailure(error);
    throw await endHalfMade(order, ports, fill, { begun, within, locked }, cause);
  }
  return {
    notes: [
      ...begun.notes,
      ...fill.notes,
      ...lastWords,
      ...lastNotes(order, fill, order.isStaged === true || ports.makeRoom !== undefined),
    ],
    traces: table.schema,
    finish: () => within((session) => removeProgress(session, table)),
  };
}

/** The database is this run's own from here on: made anew, or taken over as it stands. */
async function begin(
  order: RestoreOrder,
  { login, report }: RestorePorts,
  fill: Fill,
  { connection, within, roleNotes }: { connection: SourceConnection; within: Within; roleNotes: string[] },
): Promise<Begun> {
  const { database } = order;
  const { applicationName, identity } = fill;
  // Who had it may have ended and dropped it while this run waited.
  const halfMade = (await readDatabaseOid(connection, database)) === undefined ? undefined : fill.halfMade;
  const table: ProgressTable = { schema: halfMade?.schema ?? progressSchemaBeside([...fill.needs.schemas]), holder: randomUUID() };
  let notes = [...new Set([...(halfMade?.notes ?? []), ...roleNotes])];
  if (halfMade !== undefined) {
    fill.taken();
    const phase = await within((session) => takeUp(session, table, database, identity));
    if (phase !== 'schema') {
      report(`The database ${JSON.stringify(database)} is half made by an earlier try of this restore, and is taken up again`);
      return { phase, notes, table, oid: undefined };
    }
    await removeHalfMade(connection, login, applicationName, database);
    report(`The database ${JSON.stringify(database)}, half made by an earlier try of this restore, is dropped and begun anew`);
  }
  notes = await makeDatabase(order, login, fill, { connection, table, notes });
  report(`The database ${JSON.stringify(database)} is made and is being filled`);
  return { phase: 'schema', notes, table, oid: await readDatabaseOid(connection, database) };
}

/**
 * Under a name of its own until it says of itself what it is: a database that has the right name and says nothing is never ours.
 * @returns notes
 */
async function makeDatabase(
  { database, comment }: RestoreOrder,
  login: RestorePorts['login'],
  { target, point, applicationName, identity }: Fill,
  { connection, table, notes }: { connection: SourceConnection; table: ProgressTable; notes: string[] },
): Promise<string[]> {
  const unnamed = `holdfast_${createHash('sha256').update(database).digest('hex').slice(0, 16)}`;
  await dropDatabase(connection, unnamed);
  // An earlier try may have said the same.
  const all = [...new Set([...notes, ...(await createTargetDatabase({ ...target, connection }, unnamed, point.manifest.source))])];
  try {
    await closeDatabase(connection, unnamed);
    const session = await openLoadSession({ ...login, database: unnamed }, applicationName);
    try {
      await makeProgress(session, table, identity, all);
    } finally {
      await session.close();
    }
    if (comment !== undefined)
      await connection.query('say what is left to do', `COMMENT ON DATABASE ${quoteIdentifier(unnamed)} IS ${quoteLiteral(comment)}`);
    await renameDatabase(connection, unnamed, database);
  } catch (error) {
    await dropDatabase(connection, unnamed).catch(() => {
      throw new HalfMadeDatabaseLeft(unnamed, asTargetFailure(error));
    });
    throw error;
  }
  return all;
}

type Ending = { begun: Begun; within: Within; locked: <T>(work: (connection: SourceConnection) => Promise<T>) => Promise<T> };

/** The error to throw. What the next try can go on with is kept, unless another try is of no use or nothing was loaded yet. */
async function endHalfMade(
  { database }: RestoreOrder,
  { login, report }: RestorePorts,
  { applicationName }: Fill,
  { begun: { phase, notes, table, oid }, within, locked }: Ending,
  cause: unknown,
): Promise<unknown> {
  if (cause instanceof RestoreTakenOver) return cause;
  const kept =
    cause instanceof HoldfastError && phase !== 'schema' && FAILURES[cause.failure].isRetryable
      ? new HalfMadeDatabaseKept(database, cause)
      : undefined;
  // Another run may have taken it over without a word to this one, and takes over or makes nothing while this one looks.
  const end = () =>
    locked(async (connection) => {
      const found = await readDatabaseOid(connection, database);
      if (found === undefined) return explain(cause, notes);
      // Who takes over what has no rows yet makes it anew: one that this run made is asked nothing, it may not answer.
      const isOurs = phase === 'schema' && oid !== undefined ? found === oid : await within((session) => isHolder(session, table));
      if (!isOurs) return new RestoreTakenOver();
      if (kept !== undefined) return kept;
      await removeHalfMade(connection, login, applicationName, database);
      report(`The half-made database ${JSON.stringify(database)} is dropped`);
      return explain(cause, notes);
    });
  // The server may have ended this connection along with the restore; a new one is tried then.
  return end()
    .catch(end)
    .catch(() => kept ?? new HalfMadeDatabaseLeft(database, cause));
}
