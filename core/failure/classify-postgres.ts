/**
 * What an error of PostgreSQL means for a dump. Two ways lead here: SQLSTATEs, where our own connection got the error, and the error
 * output of `pg_dump`, which tells no SQLSTATE. Of that output only the SQLSTATE that its wording stands for and the name of an
 * object are taken over: the text itself may quote rows.
 */
import type { FailureName } from './classes.ts';

export type PostgresFinding = {
  failure: FailureName;
  sqlstate?: string | undefined;
  /** Table, large object or other thing that the error names. Never a value of a row. */
  object?: string | undefined;
};

/** Before the dump runs, an ended connection means a server that is going down; later it means an interrupted dump. */
export type Phase = 'connect' | 'dump';

const exact: Record<string, FailureName> = {
  '57P03': 'SourceNotReady', // cannot_connect_now: starting up, shutting down, in recovery
  '53300': 'SourceNotReady', // too_many_connections
  '28P01': 'SourceLoginRefused',
  '28000': 'SourceLoginRefused',
  '3D000': 'SourceLoginRefused', // the database of the secret does not exist
  '42501': 'SourceGrantMissing',
  '55P03': 'Stalled', // lock_not_available: another session holds a table
  '40001': 'DumpInterruptedByServer', // on a standby: a conflict with recovery
};

export function classifySqlstate(sqlstate: string, phase: Phase): FailureName {
  const known = exact[sqlstate];
  if (known !== undefined) return known;
  // 57P01 to 57P05: an administrator, a crash, a dropped database or a time limit ended the session; class 08: the connection is gone.
  if (/^(57P|08)/.test(sqlstate)) return phase === 'connect' ? 'SourceNotReady' : 'DumpInterruptedByServer';
  if (sqlstate.startsWith('28')) return 'SourceLoginRefused';
  return 'DumpFailed';
}

const TLS_CODES = /^(ERR_TLS_|ERR_SSL_|CERT_|SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED|UNABLE_TO_(VERIFY|GET)|HOSTNAME_MISMATCH|INVALID_CA)/;
const TLS_TEXT = /does not support SSL|certificate|SSL error/i;

/** What a failed connection attempt of ours means; `error` is what the driver threw. */
export function classifyConnectError(error: unknown): PostgresFinding {
  const { code, message } = errorParts(error);
  if (code !== undefined && TLS_CODES.test(code)) return { failure: 'SourceTlsFailed' };
  if (code !== undefined && /^[0-9A-Z]{5}$/.test(code) && !code.startsWith('E'))
    return { failure: classifySqlstate(code, 'connect'), sqlstate: code };
  if (TLS_TEXT.test(message)) return { failure: 'SourceTlsFailed' };
  return { failure: 'SourceUnreachable' };
}

function errorParts(error: unknown): { code: string | undefined; message: string } {
  if (!(error instanceof Error)) return { code: undefined, message: '' };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return { code, message: error.message };
}

/**
 * Wordings of libpq and the programs (always English: they run with LC_ALL=C) and of servers. The first that matches counts, so
 * the cause stands before its consequences: a terminated session also reads as a lost connection.
 */
const wordings: [RegExp, FailureName, string | undefined][] = [
  [/aborting because of server version mismatch/, 'ClientTooOld', undefined],
  [/sslmode value .* invalid when SSL support is not compiled in/, 'BadConfiguration', undefined],
  [
    /certificate verify failed|server certificate for .* does not match|root certificate file .* does not exist|SSL error|does not support SSL/,
    'SourceTlsFailed',
    undefined,
  ],
  [/password authentication failed|no password supplied|PAM authentication failed/, 'SourceLoginRefused', '28P01'],
  [/no pg_hba\.conf entry|role ".*" does not exist|is not permitted to log in/, 'SourceLoginRefused', '28000'],
  [/FATAL: {2}database ".*" does not exist/, 'SourceLoginRefused', '3D000'],
  [/the database system is (starting up|shutting down|in recovery mode|not yet accepting connections)/, 'SourceNotReady', '57P03'],
  [/too many (clients|connections)|remaining connection slots are reserved/, 'SourceNotReady', '53300'],
  [/terminating connection due to administrator command/, 'DumpInterruptedByServer', '57P01'],
  [/terminating connection because of crash of another server process/, 'DumpInterruptedByServer', '57P02'],
  [/(terminating connection|canceling statement) due to conflict with recovery/, 'DumpInterruptedByServer', '40001'],
  [/terminating connection due to (idle-in-transaction|idle-session|transaction) timeout/, 'DumpInterruptedByServer', '57P05'],
  [/canceling statement due to lock timeout/, 'Stalled', '55P03'],
  [/permission denied|must be (owner|superuser|member)/, 'SourceGrantMissing', '42501'],
  [/query would be affected by row-level security policy/, 'SourceGrantMissing', '42501'],
  [/canceling statement due to statement timeout/, 'Stalled', '57014'],
  [
    /(server closed the connection unexpectedly|connection to server was lost|no connection to the server|SSL (connection has been closed|SYSCALL error)|could not receive data from server)/,
    'DumpInterruptedByServer',
    '08006',
  ],
  [/connection to server .* failed|could not translate host name|timeout expired/, 'SourceUnreachable', undefined],
  [/invalid snapshot identifier|could not import the requested snapshot/, 'DumpInterruptedByServer', '25000'],
  // pg_dump lists what there is in its snapshot, and asks for it by what it is now.
  [/relation ".*" does not exist/, 'SourceChanged', '42P01'],
  [/column .* does not exist/, 'SourceChanged', '42703'],
  [/could not open relation with OID|cache lookup failed for/, 'SourceChanged', undefined],
  [/No space left on device|could not extend file/, 'DumpFailed', '53100'],
  [/out of memory/, 'DumpFailed', '53200'],
];

const objects: RegExp[] = [
  /row-level security policy for table "([^"\n]+)"/,
  /permission denied for ((?:large object|sequence|schema|database|view|materialized view|foreign table|function|relation|table) \S+)/,
  /LOCK TABLE ([^;\n]+?) IN ACCESS SHARE MODE/,
  /[Dd]umping the contents of table "([^"\n]+)" failed/,
];

/** What the error output of pg_dump means. The program has failed: this never answers that it has not. */
export function classifyPgDumpOutput(output: string): PostgresFinding {
  const found = wordings.find(([wording]) => wording.test(output));
  const object = objects.map((pattern) => pattern.exec(output)?.[1]).find((name) => name !== undefined);
  return { failure: found?.[1] ?? 'DumpFailed', sqlstate: found?.[2] ?? sqlstateIn(output), object };
}

/** Servers that log verbosely put the SQLSTATE before the text. */
const sqlstateIn = (output: string) => /(?:ERROR|FATAL|PANIC): {2}([0-9A-Z]{5}): /.exec(output)?.[1];
