/** Tools as people use them, in lines of shell: logical ones, and a client of S3 behind them. */
import type { Command } from '../measure/measure.ts';
import { PEER_BUCKET, REGION } from '../servers/store.ts';
import type { Bench, Tool } from './peer.ts';

/** `$SOURCE` and `$TARGET` are the databases, `$HERE` is the tool's place in the store, `$SCRATCH` a directory of its own. */
export function shell({ place, postgres, store, path, database }: Bench, name: string, script: string, target = ''): Command {
  const env = {
    PATH: path,
    LC_ALL: 'C.UTF-8',
    HOME: place.scratch,
    TMPDIR: place.scratch,
    SCRATCH: place.scratch,
    SOURCE: postgres.url(database),
    TARGET: target === '' ? '' : postgres.url(target),
    HERE: `s3://${PEER_BUCKET}/${name}`,
    BUCKET: PEER_BUCKET,
    STORE: store.endpointUrl,
    AWS_ENDPOINT_URL: store.endpointUrl,
    ...store.environment,
    AWS_DEFAULT_REGION: REGION,
    AWS_EC2_METADATA_DISABLED: 'true',
    PGHOST: postgres.socketDir,
    PGPORT: String(postgres.port),
    PGUSER: 'bench',
    PGDATA: postgres.dataDir,
    RESTIC_PASSWORD: 'bench',
    RESTIC_REPOSITORY: `s3:${store.endpointUrl}/${PEER_BUCKET}/${name}`,
    RESTIC_CACHE_DIR: `${place.scratch}/restic-cache`,
  };
  return { program: 'bash', args: ['-c', `set -euo pipefail; ${script}`], env, cwd: place.scratch };
}

type Lines = { name: string; title: string; needs: readonly string[]; prepare?: string; backup: string; restore?: string };

const logical = ({ name, title, needs, prepare, backup, restore }: Lines): Tool => ({
  name,
  title,
  kind: 'logical',
  needs,
  bucket: PEER_BUCKET,
  prefixes: [`${name}/`],
  ...(prepare === undefined ? {} : { prepare: (bench: Bench) => shell(bench, name, prepare) }),
  backup: (bench) => shell(bench, name, backup),
  ...(restore === undefined ? {} : { restore: (bench: Bench, target: string) => shell(bench, name, restore, target) }),
});

const RESTORE_FILE = 'pg_restore -j2 --exit-on-error -d "$TARGET" "$SCRATCH/d"';

export const LOGICAL_TOOLS: readonly Tool[] = [
  logical({
    name: 'fc',
    title: '`pg_dump -Fc` into `aws s3 cp -`; download, `pg_restore -j2`',
    needs: ['pg_dump', 'aws'],
    backup: 'pg_dump -Fc "$SOURCE" | aws s3 cp --quiet - "$HERE/d.dump"',
    restore: `aws s3 cp --quiet "$HERE/d.dump" "$SCRATCH/d" && ${RESTORE_FILE}`,
  }),
  logical({
    name: 'fc1',
    title: '`pg_dump -Fc -Z1` into `aws s3 cp -`; download, `pg_restore -j2`',
    needs: ['pg_dump', 'aws'],
    backup: 'pg_dump -Fc -Z1 "$SOURCE" | aws s3 cp --quiet - "$HERE/d.dump"',
    restore: `aws s3 cp --quiet "$HERE/d.dump" "$SCRATCH/d" && ${RESTORE_FILE}`,
  }),
  logical({
    name: 'fd',
    title: '`pg_dump -Fd -j2`, then copy; copy, `pg_restore -j2`',
    needs: ['pg_dump', 'aws'],
    backup: 'pg_dump -Fd -j2 -f "$SCRATCH/fd" "$SOURCE" && aws s3 cp --quiet --recursive "$SCRATCH/fd" "$HERE/d"',
    restore: 'aws s3 cp --quiet --recursive "$HERE/d" "$SCRATCH/fd" && pg_restore -j2 --exit-on-error -d "$TARGET" "$SCRATCH/fd"',
  }),
  logical({
    name: 'fp',
    title: '`pg_dump -Fp`, `zstd -1 -T0`, `aws s3 cp -`; `aws s3 cp`, `zstd -d`, `psql`',
    needs: ['pg_dump', 'aws', 'zstd'],
    backup: 'pg_dump -Fp "$SOURCE" | zstd -q -1 -T0 | aws s3 cp --quiet - "$HERE/d.sql.zst"',
    restore: 'aws s3 cp --quiet "$HERE/d.sql.zst" - | zstd -q -dc | psql -X -q -v ON_ERROR_STOP=1 -d "$TARGET" -o /dev/null',
  }),
  logical({
    name: 'restic',
    title: '`pg_dump -Fc -Z0` into `restic --stdin`; `restic dump`, `pg_restore -j2`',
    needs: ['pg_dump', 'restic'],
    prepare: 'restic -q --repository-version 2 init',
    backup: 'pg_dump -Fc -Z0 "$SOURCE" | restic -q backup --stdin --stdin-filename d.dump',
    restore: `restic -q dump latest d.dump > "$SCRATCH/d" && ${RESTORE_FILE}`,
  }),
];
