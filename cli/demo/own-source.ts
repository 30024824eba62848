/** `npm run demo -- --source postgres://…`: the plan and the secret for somebody's own database, which is only read. */
import { readFileSync } from 'node:fs';
import { Client } from 'pg';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { SourceUnusable } from './errors.ts';
import { findPassword } from './find-password.ts';

export type SourceSecret = { host: string; port: number; dbname: string; username: string; password: string; ca?: string };
export type OwnSource = { secret: SourceSecret; tls: 'verify-full' | 'verify-ca' | 'require' | 'disable'; ca: 'secret' | 'system' };

const DEFAULT_PORT = 5432;
const CONNECT_TIMEOUT_MILLISECONDS = 10_000;
const SslMode = z.enum(['verify-full', 'verify-ca', 'require', 'disable']);

/** Reads the address and finds out whether the server speaks TLS. Throws SourceUnusable, which never quotes the password. */
export async function readOwnSource(address: string, environment: Record<string, string | undefined>): Promise<OwnSource> {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const problems = [
    ...(url && /^postgres(ql)?:$/.test(url.protocol) ? [] : ['it is not an address such as postgres://user@host:5432/database']),
    ...(url && !url.username ? ['it names no user'] : []),
    ...(url && url.pathname.length < 2 ? ['it names no database'] : []),
  ];
  const mode = url?.searchParams.get('sslmode') ?? undefined;
  const tls = SslMode.safeParse(mode);
  if (mode !== undefined && mode !== 'prefer' && !tls.success) problems.push(`sslmode is one of ${SslMode.options.join(', ')}`);
  if (!url || problems.length > 0) throw new SourceUnusable('The address given with --source', problems.join('; '));
  const rootCertificate = url.searchParams.get('sslrootcert');
  const login = {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(url.port || DEFAULT_PORT),
    dbname: decodeURIComponent(url.pathname.slice(1)),
    username: decodeURIComponent(url.username),
  };
  const secret: SourceSecret = {
    ...login,
    password: url.password === '' ? findPassword(login, environment) : decodeURIComponent(url.password),
    ...(rootCertificate ? { ca: readFileSync(rootCertificate, 'utf8') } : {}),
  };
  const spoken = (await speaksTls(secret)) ? 'require' : 'disable';
  return { secret, tls: tls.success ? tls.data : spoken, ca: rootCertificate ? 'secret' : 'system' };
}

/** Logs in once, so that a wrong address or password is told before anything is set up. */
async function speaksTls(secret: SourceSecret): Promise<boolean> {
  const connect = async (ssl: false | { rejectUnauthorized: false }) => {
    const client = new Client({
      host: secret.host,
      port: secret.port,
      database: secret.dbname,
      user: secret.username,
      password: secret.password,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MILLISECONDS,
      ssl,
    });
    await client.connect();
    await client.end();
  };
  try {
    await connect({ rejectUnauthorized: false });
    return true;
  } catch (error) {
    if (error instanceof Error && /does not support SSL/.test(error.message)) {
      await connect(false).catch((plain: unknown) => {
        throw unusable(secret, plain);
      });
      return false;
    }
    throw unusable(secret, error);
  }
}

const unusable = (secret: SourceSecret, cause: unknown) =>
  new SourceUnusable(
    `The database ${secret.dbname} at ${secret.host}:${secret.port}`,
    cause instanceof Error ? cause.message : String(cause),
    { cause },
  );

type PlanText = {
  description?: string;
  assets: {
    kind: string;
    source: Record<string, unknown>;
    restore?: Record<string, unknown>;
    needsKeys?: string[];
    drill?: Record<string, unknown>;
  }[];
};

/** What is true of any database: it has tables, every index is usable, every constraint holds. Row counts are compared besides. */
const GENERAL_CHECKS = [
  {
    name: 'tables are there',
    sql: "SELECT count(*) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')",
    compare: '>=',
    expect: 1,
  },
  { name: 'every index is usable', sql: 'SELECT count(*) FROM pg_index WHERE NOT indisvalid', compare: '=', expect: 0 },
  { name: 'every constraint holds', sql: 'SELECT count(*) FROM pg_constraint WHERE NOT convalidated', compare: '=', expect: 0 },
];

/** The shipped plan with another source: its own checks and its canary know tables that are not there. */
export function planForOwnSource(shippedPlan: string, source: OwnSource): string {
  const plan = parse(shippedPlan) as PlanText;
  for (const asset of plan.assets) {
    if (asset.kind !== 'postgres') continue;
    asset.source = { ...asset.source, tls: source.tls, ca: source.ca };
    // Whether this login may give objects to their owners is not known: restores do without.
    if (asset.restore) asset.restore = { ...asset.restore, noOwner: true, noPrivileges: true };
    asset.needsKeys = [];
    asset.drill = { ...asset.drill, checks: GENERAL_CHECKS, rowCounts: [], canaries: [] };
  }
  // What was agreed for the shipped system says nothing of this one.
  return stringify({ ...plan, description: 'A database of your own, protected for the length of a demo', agreement: undefined });
}
