/**
 * Brings the plan's application up on the restored database, asks it, and removes it. It is given the escrowed keys and never the live
 * ones, so that a login that works has tried data and keys together.
 */
import type { Account } from '../../../adapters/http/probe.ts';
import { LOOPBACK, openLoopbackDoor } from '../../../adapters/postgres/loopback-door.ts';
import { connectToThrowaway } from '../../../adapters/postgres/throwaway.ts';
import { composeEnvironment, judgeStart, writeEnvironment, type Fetched } from '../../../core/drill/application.ts';
import type { CheckResult } from '../../../core/drill/contract.ts';
import { KeyNotRecoverable } from '../../../core/escrow/errors.ts';
import { parseJson } from '../../../core/parse-json.ts';
import type { Application, Variable } from '../../../core/plan/schema-application.ts';
import { quoteIdentifier } from '../../../core/restore/sql-names.ts';
import type { Manifest } from '../../../core/vault/manifest.ts';
import { AccountSecret } from '../../../core/validation/contract.ts';
import type { OpenKey } from '../check-keys.ts';
import { RESTORED_DATABASE } from '../restore-point.ts';
import { askApplication, isListening } from './ask-application.ts';
import { awaitContainer, endProgram, exitCodeOf, startProgram } from './container.ts';
import { ApplicationUnavailable } from './errors.ts';

export type ApplicationOrder = {
  application: Application;
  /** Shared with the application’s container. */
  directory: string;
  /** Where the server's socket is. */
  sharedDir: string;
  keys: Manifest['keys'];
};

export type ApplicationPorts = {
  openKey: OpenKey;
  /** The value of a secret as text; undefined when it cannot be read. */
  readSecret: (name: string) => Promise<string | undefined>;
  /** Letters and digits that nobody can guess. */
  newPassword: () => string;
  monotonicSeconds: () => number;
  report: (event: string) => void;
};

/** The role of an application that the plan names none for. */
const ROLE = 'holdfast_application';

/** @throws ApplicationUnavailable, ThrowawayUnavailable; what is wrong with the application or with what it was given is a result */
export async function tryApplication(order: ApplicationOrder, ports: ApplicationPorts, signal: AbortSignal): Promise<CheckResult[]> {
  const { application, directory, sharedDir } = order;
  const user = application.databaseRole ?? ROLE;
  const failed = (problem: string) => [judgeStart(application.port, { problem })];
  try {
    await awaitContainer(directory, signal);
    // Whatever listens there already would be asked instead, and be told the password of a login.
    if (await isListening(application.port)) throw new ApplicationUnavailable(`something listens on port ${application.port} already`);
    const password = ports.newPassword();
    if (!(await letIn(sharedDir, application.databaseRole, password, signal))) return failed(`the restored database has no role ${user}`);
    const keys = await openKeys(application.environment, order, ports);
    if ('problem' in keys) return failed(keys.problem);
    const secrets = await readSecrets(application.environment, ports);
    const door = await openLoopbackDoor(sharedDir, user);
    try {
      const way = { host: LOOPBACK, port: door.port, name: RESTORED_DATABASE, user, password };
      const composed = composeEnvironment(application.environment, way, { key: (id) => keys.values.get(id), secret: secrets });
      if ('problems' in composed) throw new ApplicationUnavailable(composed.problems.join('; '));
      await startProgram(directory, writeEnvironment(composed.values), signal);
      return await askApplication(
        application,
        {
          monotonicSeconds: ports.monotonicSeconds,
          exitCode: () => exitCodeOf(directory),
          readAccount: async (secret) => accountOf(await ports.readSecret(secret)),
        },
        signal,
      );
    } finally {
      // Whoever stops the task waits no longer than a minute for all of it.
      if (!(await endProgram(directory, signal.aborted ? 15 : 60)))
        ports.report('The container of the application did not say that it ended; it ends with the task');
      await door.close();
    }
  } finally {
    // Also of one that was never started: its container waits.
    await endProgram(directory, 0);
  }
}

const accountOf = (text: string | undefined): Account | undefined => AccountSecret.safeParse(parseJson(text ?? '')).data;

/** Gives the application's role a password. A role that the plan names is the source's own; false when the point has none of that name. */
async function letIn(sharedDir: string, role: string | undefined, password: string, signal: AbortSignal): Promise<boolean> {
  const server = await connectToThrowaway(sharedDir, RESTORED_DATABASE, { signal });
  try {
    const known = await server.query('SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = $1', [role ?? ROLE]);
    if (role !== undefined && known.length === 0) return false;
    const name = quoteIdentifier(role ?? ROLE);
    if (known.length === 0) await server.query(`CREATE ROLE ${name} SUPERUSER`);
    await server.query(`ALTER ROLE ${name} LOGIN PASSWORD '${password}' VALID UNTIL 'infinity' CONNECTION LIMIT -1`);
    return true;
  } finally {
    await server.end();
  }
}

/** Of each key the value that was current when the point was made: the manifest names it first. */
async function openKeys(
  variables: readonly Variable[],
  { keys }: ApplicationOrder,
  { openKey }: ApplicationPorts,
): Promise<{ values: Map<string, string> } | { problem: string }> {
  const values = new Map<string, string>();
  for (const key of new Set(variables.flatMap(({ key: id }) => id ?? []))) {
    const current = keys.find((entry) => entry.key === key);
    if (!current) return { problem: `the point names no version of the key ${key}` };
    try {
      const value = await openKey(key, current.fingerprint);
      values.set(key, Buffer.from(value).toString('utf8'));
      value.fill(0);
    } catch (error) {
      if (!(error instanceof KeyNotRecoverable)) throw error;
      return { problem: `the key ${key}: ${error.reason}` };
    }
  }
  return { values };
}

async function readSecrets(variables: readonly Variable[], { readSecret }: ApplicationPorts): Promise<Fetched['secret']> {
  const texts = new Map<string, string | undefined>();
  for (const name of new Set(variables.flatMap(({ secret }) => secret ?? []))) texts.set(name, await readSecret(name));
  return (name, field) => {
    const text = texts.get(name);
    if (text === undefined || field === undefined) return text;
    const value = (parseJson(text) as Record<string, unknown> | null | undefined)?.[field];
    return typeof value === 'string' ? value : undefined;
  };
}
