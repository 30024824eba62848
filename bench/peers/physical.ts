/** Tools that copy the files of the server: nearest to what the machine can do, and tied to its version and its disk. */
import { LOOPBACK } from '../../local/servers/port.ts';
import { CREDENTIALS, PEER_BUCKET, REGION } from '../servers/store.ts';
import type { Bench, Tool } from './peer.ts';
import { shell } from './shell.ts';

const physical = (
  name: string,
  title: string,
  program: string,
  backup: (bench: Bench) => string,
  prepare?: (bench: Bench) => string,
): Tool => ({
  name,
  title,
  kind: 'physical',
  needs: [program],
  bucket: PEER_BUCKET,
  prefixes: [`${name}/`],
  ...(prepare === undefined ? {} : { prepare: (bench: Bench) => shell(bench, name, prepare(bench)) }),
  backup: (bench) => shell(bench, name, backup(bench)),
});

/** It has no option for the password of S3, and wants TLS. */
const pgBackRestSettings = ({ postgres, store, place }: Bench): string => `[global]
repo1-type=s3
repo1-path=/pgbackrest
repo1-s3-bucket=${PEER_BUCKET}
repo1-s3-endpoint=${LOOPBACK}
repo1-storage-host=${LOOPBACK}
repo1-storage-port=${store.tlsPort ?? 0}
repo1-storage-verify-tls=n
repo1-s3-uri-style=path
repo1-s3-region=${REGION}
repo1-s3-key=${CREDENTIALS.accessKeyId}
repo1-s3-key-secret=${CREDENTIALS.secretAccessKey}
repo1-bundle=y
repo1-retention-full=10
compress-type=zst
process-max=2
start-fast=y
archive-check=n
log-level-console=warn
log-path=${place.scratch}
lock-path=${place.scratch}
spool-path=${place.scratch}
[main]
pg1-path=${postgres.dataDir}
pg1-port=${postgres.port}
pg1-socket-path=${postgres.socketDir}
pg1-user=bench
`;

const PGBACKREST = 'pgbackrest --config="$SCRATCH/../pgbackrest.conf" --stanza=main';

export const PHYSICAL_TOOLS: readonly Tool[] = [
  physical(
    'pgbackrest',
    'pgBackRest, zst, 2 processes',
    'pgbackrest',
    () => `${PGBACKREST} --type=full backup`,
    (bench) => `cat > "$SCRATCH/../pgbackrest.conf" <<'END'\n${pgBackRestSettings(bench)}END\n${PGBACKREST} stanza-create`,
  ),
  physical(
    'barman',
    'barman-cloud, lz4, 2 jobs',
    'barman-cloud-backup',
    () =>
      'barman-cloud-backup -q --endpoint-url "$STORE" --immediate-checkpoint -J 2 --lz4 -h "$PGHOST" -p "$PGPORT" -U bench "$HERE" main',
  ),
  physical(
    'walg',
    'WAL-G, lz4',
    'wal-g',
    () =>
      'WALG_S3_PREFIX="$HERE" AWS_ENDPOINT="$STORE" AWS_S3_FORCE_PATH_STYLE=true PGDATABASE=postgres WALG_COMPRESSION_METHOD=lz4 wal-g backup-push "$PGDATA"',
  ),
];
