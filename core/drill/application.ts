/** An application that a drill brings up: what it is told, what it is asked, and what that means. Pure. */
import type { Application, Variable } from '../plan/schema-application.ts';
import { HttpProbe, LoginProbe } from '../plan/schema-probes.ts';
import type { CheckResult } from './contract.ts';

/** The way to the restored database, from inside the task. */
export type DatabaseWay = { host: string; port: number; name: string; user: string; password: string };

/** What a variable's value is taken from, once it was fetched; undefined when it could not be had. */
export type Fetched = { key: (id: string) => string | undefined; secret: (name: string, field: string | undefined) => string | undefined };

/** The environment, or the variables whose value could not be had, each with why. */
export function composeEnvironment(
  variables: readonly Variable[],
  way: DatabaseWay,
  fetched: Fetched,
): { values: Map<string, string> } | { problems: string[] } {
  const values = new Map<string, string>();
  const problems: string[] = [];
  for (const variable of variables) {
    const value = valueOf(variable, way, fetched);
    if (value === undefined) problems.push(`${variable.name}: ${describeSource(variable)} could not be read`);
    else if (value.includes('\0')) problems.push(`${variable.name}: ${describeSource(variable)} is not text`);
    else values.set(variable.name, value);
  }
  return problems.length > 0 ? { problems } : { values };
}

function valueOf({ value, database, key, secret, field }: Variable, way: DatabaseWay, fetched: Fetched): string | undefined {
  if (database !== undefined) return partOf(way, database);
  if (key !== undefined) return fetched.key(key);
  if (secret !== undefined) return fetched.secret(secret, field);
  return value;
}

const describeSource = ({ key, secret, field }: Variable) =>
  key !== undefined ? `the key ${key}` : `the secret ${secret ?? ''}${field === undefined ? '' : `, field ${field},`}`;

function partOf(way: DatabaseWay, part: NonNullable<Variable['database']>): string {
  if (part !== 'url') return String(way[part]);
  const { host, port, name, user, password } = way;
  const [u, p, n] = [user, password, name].map(encodeURIComponent);
  return `postgresql://${u}:${p}@${host}:${port}/${n}?sslmode=disable`;
}

/** Lines that a shell reads as they are, whatever stands in a value. */
export const writeEnvironment = (values: ReadonlyMap<string, string>): string =>
  [...values].map(([name, value]) => `export ${name}='${value.replaceAll("'", `'\\''`)}'\n`).join('');

type Asked = { probes: HttpProbe[]; logins: LoginProbe[] };

/** As probes of an address, which is that of the task itself. */
export function probesOf({ port, probes, logins }: Pick<Application, 'port' | 'probes' | 'logins'>): Asked {
  const at = (path: string) => `http://127.0.0.1:${port}${path}`;
  return {
    probes: probes.map(({ path, ...probe }) => HttpProbe.parse({ ...probe, url: at(path) })),
    logins: logins.map(({ path, afterwards, ...login }) => {
      const { path: next, ...then } = afterwards ?? { path: '' };
      return LoginProbe.parse({ ...login, url: at(path), ...(afterwards === undefined ? {} : { afterwards: { ...then, url: at(next) } }) });
    }),
  };
}

export const APPLICATION_CHECK = 'application';

/** Whether it came up, before anything else is asked. */
export function judgeStart(port: number, found: { seconds: number } | { problem: string }): CheckResult {
  const result = { name: APPLICATION_CHECK, kind: 'application' as const, expected: `listens on port ${port}` };
  if ('problem' in found) return { ...result, outcome: 'failed', measured: found.problem };
  return { ...result, outcome: 'passed', measured: `listens on port ${port}`, seconds: Math.round(found.seconds * 1000) / 1000 };
}
