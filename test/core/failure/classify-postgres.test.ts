import { describe, expect, it } from 'vitest';
import type { FailureName } from '../../../core/failure/classes.ts';
import { classifyConnectError, classifyPgDumpOutput, classifySqlstate } from '../../../core/failure/classify-postgres.ts';

describe('classifyPgDumpOutput', () => {
  // As the programs of 15, 16 and 18 print them.
  it.each<[string, FailureName, string | undefined, string | undefined]>([
    [
      'pg_dump: error: connection to server at "127.0.0.1", port 5432 failed: Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?',
      'SourceUnreachable',
      undefined,
      undefined,
    ],
    ['pg_dump: error: could not translate host name "db" to address: Name or service not known', 'SourceUnreachable', undefined, undefined],
    [
      'pg_dump: error: connection to server at "127.0.0.1", port 5432 failed: FATAL:  password authentication failed for user "app"',
      'SourceLoginRefused',
      '28P01',
      undefined,
    ],
    [
      'pg_dump: error: connection to server at "127.0.0.1", port 5432 failed: FATAL:  no pg_hba.conf entry for host "10.0.0.1", user "app", database "db", no encryption',
      'SourceLoginRefused',
      '28000',
      undefined,
    ],
    [
      'pg_dump: error: connection to server at "127.0.0.1", port 5432 failed: FATAL:  the database system is starting up',
      'SourceNotReady',
      '57P03',
      undefined,
    ],
    [
      'pg_dump: error: connection to server at "127.0.0.1", port 5432 failed: FATAL:  sorry, too many clients already',
      'SourceNotReady',
      '53300',
      undefined,
    ],
    [
      'pg_dump: error: connection to server at "db", port 5432 failed: SSL error: certificate verify failed',
      'SourceTlsFailed',
      undefined,
      undefined,
    ],
    [
      'pg_dump: error: connection to server at "db", port 5432 failed: server certificate for "x" does not match host name "db"',
      'SourceTlsFailed',
      undefined,
      undefined,
    ],
    [
      'pg_dump: error: server version: 18.1; pg_dump version: 15.18\npg_dump: error: aborting because of server version mismatch',
      'ClientTooOld',
      undefined,
      undefined,
    ],
    [
      'pg_dump: error: query failed: ERROR:  permission denied for table wallets\npg_dump: detail: Query was: LOCK TABLE public.wallets IN ACCESS SHARE MODE',
      'SourceGrantMissing',
      '42501',
      'table wallets',
    ],
    ['pg_dump: error: query failed: ERROR:  permission denied for large object 16500', 'SourceGrantMissing', '42501', 'large object 16500'],
    [
      'pg_dump: error: query failed: ERROR:  query would be affected by row-level security policy for table "credentials"\nHINT:  To disable the policy for the table\'s owner, use ALTER TABLE NO FORCE ROW LEVEL SECURITY.',
      'SourceGrantMissing',
      '42501',
      'credentials',
    ],
    [
      'pg_dump: error: Dumping the contents of table "audit_log" failed: PQgetCopyData() failed.\npg_dump: detail: Error message from server: FATAL:  terminating connection due to administrator command\nSSL connection has been closed unexpectedly',
      'DumpInterruptedByServer',
      '57P01',
      'audit_log',
    ],
    [
      'pg_dump: error: Dumping the contents of table "audit_log" failed: PQgetCopyData() failed.\npg_dump: detail: Error message from server: server closed the connection unexpectedly',
      'DumpInterruptedByServer',
      '08006',
      'audit_log',
    ],
    [
      'pg_dump: error: Dumping the contents of table "t" failed: PQgetResult() failed.\npg_dump: detail: Error message from server: ERROR:  canceling statement due to conflict with recovery',
      'DumpInterruptedByServer',
      '40001',
      't',
    ],
    [
      'pg_dump: error: query failed: ERROR:  canceling statement due to statement timeout\npg_dump: detail: Query was: LOCK TABLE public.t IN ACCESS SHARE MODE',
      'Stalled',
      '57014',
      'public.t',
    ],
    ['pg_dump: error: query failed: ERROR:  invalid page in block 7 of relation base/5/16384', 'DumpFailed', undefined, undefined],
    ['', 'DumpFailed', undefined, undefined],
  ])('%s', (output, failure, sqlstate, object) => expect(classifyPgDumpOutput(output)).toEqual({ failure, sqlstate, object }));

  it('takes over no value of a row', () => {
    const quoting =
      'pg_dump: error: query failed: ERROR:  duplicate key value violates unique constraint "people_email_key"\nDETAIL:  Key (email)=(a.person@example.org) already exists.';
    expect(JSON.stringify(classifyPgDumpOutput(quoting))).not.toContain('person');
  });
});

describe('classifySqlstate', () => {
  it.each<[string, 'connect' | 'dump', FailureName]>([
    ['57P01', 'connect', 'SourceNotReady'],
    ['57P01', 'dump', 'DumpInterruptedByServer'],
    ['57P03', 'dump', 'SourceNotReady'],
    ['08006', 'dump', 'DumpInterruptedByServer'],
    ['28P01', 'connect', 'SourceLoginRefused'],
    ['42501', 'dump', 'SourceGrantMissing'],
    ['55P03', 'dump', 'Stalled'],
    ['XX001', 'dump', 'DumpFailed'],
  ])('%s while in %s', (sqlstate, phase, failure) => expect(classifySqlstate(sqlstate, phase)).toBe(failure));
});

describe('classifyConnectError', () => {
  const error = (code: string, message = 'x') => Object.assign(new Error(message), { code });
  it.each<[string, unknown, FailureName]>([
    ['a refused connection', error('ECONNREFUSED'), 'SourceUnreachable'],
    ['no such host', error('ENOTFOUND'), 'SourceUnreachable'],
    ['a pipe', error('EPIPE'), 'SourceUnreachable'],
    ['a certificate of nobody', error('DEPTH_ZERO_SELF_SIGNED_CERT'), 'SourceTlsFailed'],
    ['another name', error('ERR_TLS_CERT_ALTNAME_INVALID'), 'SourceTlsFailed'],
    ['a server without TLS', new Error('The server does not support SSL connections'), 'SourceTlsFailed'],
    ['a password', error('28P01'), 'SourceLoginRefused'],
    ['silence', new Error('timeout expired'), 'SourceUnreachable'],
    ['something else', 'no error at all', 'SourceUnreachable'],
  ])('%s', (_, thrown, failure) => expect(classifyConnectError(thrown).failure).toBe(failure));
});
