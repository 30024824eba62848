/**
 * What stopped a restore, read from what pg_restore or psql wrote. That text quotes rows, so only three things leave this file: a
 * SQLSTATE, the object, the line.
 */
export type RestoreProblem = {
  kind: 'sql' | 'disk-full' | 'server-gone';
  sqlstate?: string | undefined;
  /** As the archive names it: `TABLE DATA users app`. */
  object?: string | undefined;
  /** Line of the plain dump. */
  line?: number | undefined;
};

const DISK_FULL_STATES = ['53100', '58030'];
const SERVER_GONE_STATES = ['57P01', '57P02', '57P03', '08000', '08003', '08006'];
const SERVER_GONE =
  /server closed the connection|connection to server was lost|connection to server .* failed|no connection to the server|terminating connection|server conn crashed|could not receive data from server|could not send data to server|SSL SYSCALL error|the database system is/i;
/** A short write is how a disk that is nearly full answers first. */
const DISK_FULL = /No space left on device|Disk quota exceeded|File too large|wrote only \d+ of \d+ bytes|Check free disk space/i;

/** pg_restore says no SQLSTATE. These are the wordings of the server for what restores meet; the throwaway speaks English. */
const WORDINGS: [RegExp, string][] = [
  [/duplicate key value violates unique constraint/, '23505'],
  [/could not create unique index/, '23505'],
  [/violates foreign key constraint/, '23503'],
  [/violates check constraint/, '23514'],
  [/violates not-null constraint|contains null values/, '23502'],
  [/extension ".*" is not available|could not open extension control file/, '0A000'],
  [/could not access file|could not load library/, '58P01'],
  [/permission denied|must be owner of|must be superuser|must be member of role|must be able to SET ROLE|only superuser/, '42501'],
  [/query would be affected by row-level security policy/, '42501'],
  [/role ".*" does not exist|schema ".*" does not exist|type ".*" does not exist/, '42704'],
  [/function .* does not exist/, '42883'],
  [/column .* does not exist/, '42703'],
  [/does not exist/, '42P01'],
  [/already exists/, '42P07'],
  [/invalid byte sequence|has no equivalent in encoding/, '22021'],
  [/invalid input syntax/, '22P02'],
  [/value too long/, '22001'],
  [/out of memory/, '53200'],
  [/out of shared memory/, '53200'],
  [/too many connections|remaining connection slots/, '53300'],
  [/statement timeout/, '57014'],
];

/** @param stderr of pg_restore, or of psql run with VERBOSITY=sqlstate */
export function readRestoreProblem(stderr: string): RestoreProblem {
  const error = firstError(stderr);
  const stated = /(?:ERROR|FATAL|PANIC): {2}([0-9A-Z]{5})(?:\s|$)/.exec(error)?.[1];
  const sqlstate = stated ?? WORDINGS.find(([wording]) => wording.test(error))?.[1];
  const line = /^psql:[^\n]*?:(\d+): /.exec(error)?.[1];
  const problem = { object: readObject(stderr), line: line ? Number(line) : undefined };
  if (DISK_FULL.test(stderr) || (sqlstate && DISK_FULL_STATES.includes(sqlstate)))
    return { kind: 'disk-full', sqlstate: '53100', ...problem };
  if ((sqlstate && SERVER_GONE_STATES.includes(sqlstate)) || (!stated && SERVER_GONE.test(stderr)))
    return { kind: 'server-gone', sqlstate, ...problem };
  return { kind: 'sql', sqlstate, ...problem };
}

/** Of a statement of our own: the server said the state itself. */
export function problemOfSqlstate(sqlstate: string | undefined): RestoreProblem {
  if (sqlstate && DISK_FULL_STATES.includes(sqlstate)) return { kind: 'disk-full', sqlstate };
  return { kind: sqlstate && (SERVER_GONE_STATES.includes(sqlstate) || sqlstate.startsWith('08')) ? 'server-gone' : 'sql', sqlstate };
}

/** The text from the first error on: warnings and notices come before it. */
function firstError(stderr: string): string {
  const lines = stderr.split('\n');
  const at = lines.findIndex((line) => /(^|[\s:])(error|fatal|panic): /i.test(line));
  return at < 0 ? stderr : (lines[at] ?? '');
}

const LONGEST_OBJECT = 200;

/** What a statement works on stands in its first words; what follows may be a literal of somebody's. */
const OBJECT_PATTERNS: [RegExp, string][] = [
  [/from TOC entry \d+; \d+ \d+ ([^\n]+)/, ''],
  [/COPY failed for table "([^"\n]+)"/, 'TABLE DATA '],
  [
    /Command was: ((?:CREATE|ALTER|COMMENT ON|GRANT|REVOKE|REFRESH|SELECT)(?: [A-Z]+)* (?:"[^"\n]+"|[\w$]+)(?:\.(?:"[^"\n]+"|[\w$]+))?)/,
    '',
  ],
];

function readObject(stderr: string): string | undefined {
  for (const [pattern, prefix] of OBJECT_PATTERNS) {
    const found = pattern.exec(stderr)?.[1];
    if (found !== undefined) return `${prefix}${found}`.slice(0, LONGEST_OBJECT);
  }
  return undefined;
}

/** For people: `SQLSTATE 23505 at TABLE DATA users app, line 12`. */
export const describeProblem = ({ sqlstate, object, line }: RestoreProblem): string =>
  [sqlstate ? `SQLSTATE ${sqlstate}` : 'an error without a SQLSTATE', object && `at ${object}`, line !== undefined && `line ${line}`]
    .filter(Boolean)
    .join(', ')
    .replace(', at', ' at');
