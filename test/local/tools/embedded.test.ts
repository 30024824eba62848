/** The programs for a machine that has no PostgreSQL of its own. Fetched from the registries, so not in every run. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { startPostgres } from '../../../local/postgres.ts';
import { temporaryDirectory } from '../../../local/processes/guard.ts';
import { createTlsFiles } from '../../../local/servers/tls-files.ts';
import { ensureTools } from '../../../local/tools/ensure.ts';
import { ROOT } from '../run/deployed.ts';

test.runIf(process.env['HOLDFAST_SOAK'] === '1')('server and clients of one version, both with verified TLS', async () => {
  const tools = await ensureTools({ directory: join(ROOT, '.holdfast'), environment: process.env, postgres: 'embedded' });
  const run = temporaryDirectory('embedded', 0o755);
  const tls = createTlsFiles(run.path, new Date());
  const postgres = await startPostgres({ programs: tools.postgres, tls, logFile: join(run.path, 'log') });
  const env = {
    PGHOST: postgres.host,
    PGPORT: String(postgres.port),
    PGUSER: postgres.superuser,
    PGPASSWORD: postgres.password,
    PGDATABASE: 'postgres',
    PGSSLMODE: 'verify-full',
    PGSSLROOTCERT: postgres.caPath,
  };
  const program = async (name: string, args: string[]) =>
    (await promisify(execFile)(join(postgres.binDir, name), args, { env })).stdout.trim();
  try {
    expect(await program('psql', ['-Atc', 'select ssl from pg_stat_ssl where pid = pg_backend_pid()'])).toBe('t');
    const dump = join(run.path, 'x.dump');
    await program('pg_dump', ['-Fc', '-f', dump]);
    expect(await program('pg_restore', ['-l', dump])).toContain(`Dumped from database version: ${tools.postgres.version}`);
  } finally {
    await postgres.stop();
    run.remove();
  }
});
