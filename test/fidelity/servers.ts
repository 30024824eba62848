/** The servers that sources stand on: the tests' own one, and the embedded one of another major. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { inject } from 'vitest';
import type { SourceLogin } from '../../adapters/postgres/source.ts';
import { startOtherPostgres } from '../helpers/other-postgres.ts';
import { uniqueSuffix } from '../helpers/servers.ts';
import { CONFIGURED_EXTENSION } from './sources/configured-extension.ts';
import { ROLES, type Making, type RoleName } from './source.ts';

export type Server = {
  major: number;
  binDir: string;
  making: Making;
  /** Name of a role on the server, not quoted. */
  roleName: (role: RoleName) => string;
  login(database: string): SourceLogin;
  libpq(database: string): Record<string, string>;
  connect(database: string): Promise<Client>;
  /** A new database; gone with the server's `close`. */
  create(name: string, options?: string): Promise<string>;
  /** A name that nobody has; the database, if one is made of it, is gone with `close`. */
  reserve(name: string): string;
  drop(database: string): Promise<void>;
  close(): Promise<void>;
};

type Access = { host: string; port: number; user: string; password: string; binDir: string; major: number; ca?: string; caPath?: string };

const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;

/** Roles are the server's, and so are they the same for source and target when both are databases of one. */
async function openServer(access: Access, suffix: string, stop: () => Promise<void>): Promise<Server> {
  const { host, port, user, password, binDir, major, ca, caPath } = access;
  const connect = async (database: string) => {
    const client = new Client({ host, port, user, password, database, ...(ca === undefined ? {} : { ssl: { ca } }) });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  };
  const roleName = (role: RoleName) => `fidelity ${role} ${suffix}`;
  const admin = await connect('postgres');
  for (const role of ROLES) await admin.query(`CREATE ROLE ${quote(roleName(role))}`);
  const { rows } = await admin.query<{ name: string }>('SELECT name FROM pg_available_extensions');
  const made: string[] = [];
  const reserve = (name: string) => {
    const database = `${name}_${uniqueSuffix()}`;
    made.push(database);
    return database;
  };
  const drop = async (database: string) => {
    // A subscription has to let go of its slot first, also when it has none.
    await admin.query(`ALTER DATABASE ${quote(database)} SET event_triggers = off`).catch(() => undefined);
    const inside = await connect(database).catch(() => undefined);
    const { rows: subscriptions } = (await inside?.query<{ name: string }>(
      `SELECT subname AS name FROM pg_subscription WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    )) ?? { rows: [] };
    for (const { name } of subscriptions) await inside?.query(`DROP SUBSCRIPTION ${quote(name)}`);
    await inside?.end();
    await admin.query(`DROP DATABASE IF EXISTS ${quote(database)} WITH (FORCE)`);
  };
  return {
    major,
    binDir,
    making: {
      major,
      extensions: new Set(rows.map(({ name }) => name)),
      role: (role) => quote(roleName(role)),
      isSoak: process.env['HOLDFAST_SOAK'] === '1',
    },
    roleName,
    login: (database) => ({
      host,
      port,
      database,
      user,
      password,
      tls: ca === undefined ? { mode: 'disable', ca: undefined } : { mode: 'verify-full', ca },
    }),
    libpq: (database) => ({
      PATH: '/usr/bin:/bin',
      LC_ALL: 'C',
      PGHOST: host,
      PGPORT: String(port),
      PGUSER: user,
      PGPASSWORD: password,
      PGDATABASE: database,
      ...(caPath === undefined ? {} : { PGSSLMODE: 'verify-full', PGSSLROOTCERT: caPath }),
    }),
    connect,
    async create(name, options = '') {
      const database = reserve(name);
      await admin.query(`CREATE DATABASE ${quote(database)} ${options}`);
      return database;
    },
    reserve,
    drop,
    async close() {
      for (const database of made) await drop(database);
      for (const role of ROLES) await admin.query(`DROP ROLE ${quote(roleName(role))}`);
      await admin.end();
      await stop();
    },
  };
}

/** `suffix` is the same for servers between which points go: roles keep their names. */
export function ownServer(suffix = uniqueSuffix()): Promise<Server> {
  const { superuser: user, caPath, ...rest } = inject('postgres');
  return openServer({ ...rest, user, caPath, ca: readFileSync(caPath, 'utf8') }, suffix, () => Promise.resolve());
}

/** With an extension of ours, for which the tests' own server may have no place. */
export async function embeddedServer(suffix = uniqueSuffix()): Promise<Server> {
  const server = await startOtherPostgres(18);
  const share = join(server.binDir, '..', 'share', 'postgresql', 'extension');
  for (const [name, text] of Object.entries(CONFIGURED_EXTENSION)) writeFileSync(join(share, name), text, { mode: 0o644 });
  return openServer({ ...server, major: 18 }, suffix, () => server.stop());
}
