/** Whether server, connection and content let a dump be made, and its restore be what the source was. */
import { describeSeconds, durationSeconds } from '../plan/durations.ts';
import type { Finding } from '../plan/finding.ts';
import type { PostgresAsset } from '../plan/schema.ts';
import { majorOf, type DatabaseFacts } from './facts.ts';

/** Minor versions from which pg_dump and psql keep a dump from running commands of its own in psql (CVE-2025-8714). */
const SAFE_MINORS: Readonly<Record<number, number>> = { 13: 22, 14: 19, 15: 14, 16: 10, 17: 6 };
/** A careful guess for one connection of pg_dump over a network. Only measured runs say more. */
const ASSUMED_BYTES_PER_SECOND = 20 * 1024 * 1024;
/** Fargate's largest ephemeral storage; a restored database, its WAL and the archive have to fit. */
const MOST_EPHEMERAL_BYTES = 200 * 1024 ** 3;
const FEW_CONNECTIONS = 3;

/** @param client version of the pg_dump that will run, as a number such as 160010; undefined when it is not known */
export function judgeServer(facts: DatabaseFacts, asset: PostgresAsset, client: number | undefined): Finding[] {
  return [...judgeVersions(facts, asset, client), ...judgeConnection(facts, asset), ...judgeStandby(facts), ...judgeLoad(facts, asset)];
}

function judgeVersions({ server }: DatabaseFacts, { source }: PostgresAsset, client: number | undefined): Finding[] {
  const findings: Finding[] = [];
  const major = majorOf(server.versionNum);
  if (major > source.postgresMajor) {
    const problem = `The plan says PostgreSQL ${source.postgresMajor}: its pg_dump refuses a newer server`;
    findings.push(found('error', 'server.version', server.version, problem, `Set \`source.postgresMajor: ${major}\` and deploy again`));
  } else if (major < source.postgresMajor) {
    const problem = `The plan says PostgreSQL ${source.postgresMajor}: what its pg_dump writes may not be restorable into ${major}, and drills restore into ${source.postgresMajor}`;
    findings.push(found('warning', 'server.version', server.version, problem, `Set \`source.postgresMajor: ${major}\` and deploy again`));
  }
  if (client === undefined) return findings;
  const clientMajor = majorOf(client);
  if (clientMajor < major) {
    findings.push(
      found(
        'error',
        'pg_dump',
        text(client),
        `pg_dump ${clientMajor} refuses a server of ${major}`,
        `Install the client programs of PostgreSQL ${major}`,
      ),
    );
  }
  if (client % 10_000 < (SAFE_MINORS[clientMajor] ?? 0)) {
    const problem = 'A plain dump made by this version may run commands on the machine that restores it';
    findings.push(found('error', 'pg_dump', text(client), problem, `Install ${clientMajor}.${SAFE_MINORS[clientMajor]} or later`));
  }
  return findings;
}

function judgeConnection({ connection, server }: DatabaseFacts, { source }: PostgresAsset): Finding[] {
  const findings: Finding[] = [];
  if (connection.tls === undefined && source.tls !== 'disable') {
    findings.push(
      found(
        'error',
        'connection.tls',
        '(none)',
        'This connection is not encrypted, and the plan wants TLS',
        'Turn on `ssl` on the server, and see that nothing in between ends TLS',
      ),
    );
  }
  const timeouts = Object.entries(server.timeoutsMs).map(([name, ms]) => `${name} = ${ms} ms`);
  if (connection.isPooled) {
    const ends = timeouts.length > 0 ? ` Limits of its sessions may end a dump: ${timeouts.join(', ')}.` : '';
    const problem = `A pooler stands between: a snapshot and the session that holds it may come apart.${ends}`;
    findings.push(found('error', 'connection', 'pooled', problem, 'Write host and port of the server itself into the secret'));
  } else if (connection.poolers.length > 0) {
    const problem = 'Poolers have sessions on this server: see that the secret does not lead to one of them';
    findings.push(
      found('warning', 'connection', connection.poolers.join(', '), problem, 'Keep host and port of the server itself in the secret'),
    );
  }
  if (server.freeConnections < FEW_CONNECTIONS) {
    findings.push(
      found(
        'warning',
        'server.connections',
        `${server.freeConnections} free`,
        `A dump needs up to ${FEW_CONNECTIONS} connections`,
        'Raise max_connections, or end sessions that nobody needs',
      ),
    );
  }
  return findings;
}

function judgeStandby({ server, content }: DatabaseFacts): Finding[] {
  if (!server.isInRecovery) return [];
  const findings: Finding[] = [];
  if (server.maxStandbyStreamingDelayMs !== -1) {
    const problem = `This is a standby, and replay may cancel a dump after ${describeSeconds(server.maxStandbyStreamingDelayMs / 1000)}`;
    findings.push(
      found(
        'warning',
        'server',
        'standby',
        problem,
        'Set max_standby_streaming_delay to -1 or longer than a dump, or dump from the primary',
      ),
    );
  }
  if (content.unloggedTables > 0) {
    const problem = 'A standby cannot read unlogged tables: the dump would fail';
    findings.push(
      found(
        'error',
        'content.unloggedTables',
        String(content.unloggedTables),
        problem,
        'Dump from the primary, or make these tables LOGGED',
      ),
    );
  }
  return findings;
}

function judgeLoad({ content, database }: DatabaseFacts, { schedule }: PostgresAsset): Finding[] {
  const findings: Finding[] = [];
  if (content.blockingTransactions > 0) {
    const problem = 'Transactions older than five minutes hold locks that a dump would wait for';
    findings.push(
      found(
        'warning',
        'content.locks',
        String(content.blockingTransactions),
        problem,
        'Look into pg_locks for AccessExclusiveLock and end what nobody needs',
      ),
    );
  }
  if (content.preparedTransactions > 0) {
    const problem = 'Prepared transactions keep their locks until somebody ends them';
    findings.push(
      found(
        'warning',
        'content.preparedTransactions',
        String(content.preparedTransactions),
        problem,
        'Look into pg_prepared_xacts, and commit or roll back what was forgotten',
      ),
    );
  }
  const seconds = database.sizeBytes / ASSUMED_BYTES_PER_SECOND;
  const size = `${Math.round(database.sizeBytes / 1024 ** 2)} MiB`;
  if (seconds > durationSeconds(schedule.longestRun)) {
    const problem = `At ${ASSUMED_BYTES_PER_SECOND / 1024 ** 2} MiB/s a dump would take ${describeSeconds(seconds)}, longer than a run may`;
    findings.push(found('warning', 'database.size', size, problem, 'Raise `schedule.longestRun`, and compare with what runs measure'));
  }
  if (database.sizeBytes > MOST_EPHEMERAL_BYTES / 2) {
    const problem = 'A drill restores into at most 200 GiB of ephemeral storage, with WAL and archive beside the data';
    findings.push(
      found('warning', 'database.size', size, problem, 'Expect drills that could not run: protect parts of it as assets of their own'),
    );
  }
  return findings;
}

const text = (versionNum: number) => `${majorOf(versionNum)}.${versionNum % 10_000}`;
const found = (severity: 'error' | 'warning', path: string, value: string, problem: string, fix: string): Finding => ({
  severity,
  path,
  value,
  problem,
  fix,
});
