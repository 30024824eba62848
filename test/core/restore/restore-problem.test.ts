import { describe, expect, it } from 'vitest';
import { describeProblem, readRestoreProblem } from '../../../core/restore/restore-problem.ts';

const PLANTED = 'planted.person@example.org';

describe('readRestoreProblem', () => {
  it.each([
    [
      `pg_restore: error: COPY failed for table "users": ERROR:  duplicate key value violates unique constraint "users_email_key"\nDETAIL:  Key (email)=(${PLANTED}) already exists.\nCONTEXT:  COPY users, line 2: "2\t${PLANTED}"\n`,
      { kind: 'sql', sqlstate: '23505', object: 'TABLE DATA users' },
    ],
    [
      `pg_restore: from TOC entry 3375; 0 16396 TABLE DATA users app\npg_restore: error: COPY failed for table "users": ERROR:  invalid input syntax for type integer: "${PLANTED}"\n`,
      { kind: 'sql', sqlstate: '22P02', object: 'TABLE DATA users app' },
    ],
    [
      `pg_restore: error: could not execute query: ERROR:  must be member of role "app"\nCommand was: ALTER TABLE public.t OWNER TO app;\n`,
      { kind: 'sql', sqlstate: '42501', object: 'ALTER TABLE public.t' },
    ],
    [
      `pg_restore: error: could not execute query: ERROR:  syntax error at or near "x"\nCommand was: COMMENT ON TABLE public."Odd name" IS '${PLANTED}';\n`,
      { kind: 'sql', object: 'COMMENT ON TABLE public."Odd name"' },
    ],
    [
      `pg_restore: error: could not execute query: ERROR:  extension "postgis" is not available\nDETAIL:  Could not open extension control file\n`,
      { kind: 'sql', sqlstate: '0A000' },
    ],
    [`psql:<stdin>:57: ERROR:  23505\n`, { kind: 'sql', sqlstate: '23505', line: 57 }],
    [`psql:<stdin>:57: error: backslash commands are restricted; only \\unrestrict is allowed\n`, { kind: 'sql', line: 57 }],
    [
      `pg_restore: error: COPY failed for table "t": ERROR:  could not extend file "base/5/16388": No space left on device\nHINT:  Check free disk space.\n`,
      { kind: 'disk-full', sqlstate: '53100', object: 'TABLE DATA t' },
    ],
    [
      `pg_restore: error: COPY failed for table "t": ERROR:  could not extend file "base/16385/16392": wrote only 4096 of 8192 bytes at block 2841\nHINT:  Check free disk space.\nCONTEXT:  COPY t, line 4267\n`,
      { kind: 'disk-full', sqlstate: '53100', object: 'TABLE DATA t' },
    ],
    [`psql:<stdin>:9: ERROR:  53100\n`, { kind: 'disk-full', sqlstate: '53100', line: 9 }],
    [
      `pg_restore: error: error returned by PQputCopyData: server closed the connection unexpectedly\n\tThis probably means the server terminated abnormally\n`,
      { kind: 'server-gone' },
    ],
    [
      `psql:<stdin>:9: FATAL:  57P01\npsql:<stdin>:9: server closed the connection unexpectedly\n`,
      { kind: 'server-gone', sqlstate: '57P01' },
    ],
    [`pg_restore: error: connection to server on socket "/x/.s.PGSQL.5432" failed: No such file or directory\n`, { kind: 'server-gone' }],
    ['pg_restore: error: unsupported version (1.16) in file header\n', { kind: 'sql' }],
    ['', { kind: 'sql' }],
  ])('reads %j', (stderr, problem) => {
    const read = readRestoreProblem(stderr);
    expect(read).toMatchObject(problem);
    expect(JSON.stringify(read) + describeProblem(read)).not.toContain('planted');
  });
});
