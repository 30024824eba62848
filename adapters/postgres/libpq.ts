/**
 * How the programs of PostgreSQL log in: a connection string without the password, a password file and the certificate authority,
 * both in the scratch directory for as long as the programs run.
 */
import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SourceLogin } from './source.ts';

/**
 * NAT gateways, network load balancers and VPC endpoints forget a connection after 350 s of silence, without a word to either end: a
 * probe each minute keeps it known. A peer that acknowledges nothing for three minutes is gone.
 */
export const KEEPALIVE = { idleSeconds: 60, intervalSeconds: 30, count: 4, userTimeoutMilliseconds: 180_000 };
export const CONNECT_TIMEOUT_SECONDS = 20;

export type LibpqAccess = {
  /** For `--dbname`; holds no secret. */
  connection: string;
  /** The whole environment of the program: nothing of the task's own (credentials of AWS among it) is passed on. */
  environment: Record<string, string>;
};

/** Runs `use` with the files in place and removes them on every path. `path` is where programs look for their helpers. */
export async function withLibpqAccess<T>(
  login: SourceLogin,
  { scratchDir, path, applicationName }: { scratchDir: string; path: string; applicationName: string },
  use: (access: LibpqAccess) => Promise<T>,
): Promise<T> {
  const id = randomUUID();
  const passFile = join(scratchDir, `pass-${id}`);
  const caFile = join(scratchDir, `ca-${id}.pem`);
  try {
    await writeFile(passFile, `*:*:*:*:${login.password.replaceAll(/[\\:]/g, String.raw`\$&`)}\n`, { mode: 0o600, flag: 'wx' });
    if (login.tls.ca !== undefined) await writeFile(caFile, login.tls.ca, { mode: 0o600, flag: 'wx' });
    return await use({
      connection: conninfo({
        host: login.host,
        port: login.port,
        dbname: login.database,
        user: login.user,
        application_name: applicationName,
        connect_timeout: CONNECT_TIMEOUT_SECONDS,
        keepalives: 1,
        keepalives_idle: KEEPALIVE.idleSeconds,
        keepalives_interval: KEEPALIVE.intervalSeconds,
        keepalives_count: KEEPALIVE.count,
        tcp_user_timeout: KEEPALIVE.userTimeoutMilliseconds,
        gssencmode: 'disable',
        sslmode: login.tls.mode,
        ...(login.tls.ca === undefined ? {} : { sslrootcert: caFile }),
      }),
      environment: { PATH: path, LC_ALL: 'C', PGPASSFILE: passFile, HOME: scratchDir },
    });
  } finally {
    await Promise.all([rm(passFile, { force: true }), rm(caFile, { force: true })]);
  }
}

const conninfo = (fields: Record<string, string | number>) =>
  Object.entries(fields)
    .map(([name, value]) => `${name}='${String(value).replaceAll(/['\\]/g, String.raw`\$&`)}'`)
    .join(' ');
