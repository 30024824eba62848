/** Holdfast's own tasks, as ECS starts them: Node's start, the secret's fetch and every checksum are in the time. */
import { randomBytes } from 'node:crypto';
import { taskArguments, type TaskName } from '../../core/task-command.ts';
import { assetDataPrefix, catalogPrefix, evidencePrefix } from '../../core/vault/keys.ts';
import type { Command } from '../measure/measure.ts';
import { APP_ROOT } from '../place.ts';
import { VAULT_BUCKET } from '../servers/store.ts';
import type { OwnSettings } from './own-asset.ts';
import { ownAsset } from './own-asset.ts';
import type { Bench, Tool } from './peer.ts';

/** The id of the asset in own-asset.ts. */
const ASSET = 'database';
const POINT = '20260101T000000Z';

const task = (bench: Bench, system: string, name: TaskName, settings: OwnSettings, besides: Record<string, string>): Command => ({
  program: process.execPath,
  args: taskArguments(name),
  cwd: APP_ROOT,
  env: {
    PATH: bench.path,
    LC_ALL: 'C.UTF-8',
    NODE_ENV: 'production',
    NODE_COMPILE_CACHE: bench.place.compileCache,
    SCRATCH_DIR: bench.place.scratch,
    TMPDIR: bench.place.scratch,
    SYSTEM: system,
    ASSET_PLAN: JSON.stringify(ownAsset(settings, bench.postgresMajor)),
    VAULT_BUCKET,
    ESCROW_BUCKET: VAULT_BUCKET,
    POINT,
    CLAIM: '1',
    TRY: '1',
    RUN: `${POINT}-${randomBytes(3).toString('hex')}`,
    ...bench.store.environment,
    AWS_ENDPOINT_URL_S3: bench.store.endpointUrl,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: bench.secrets.endpointUrl,
    ...besides,
  },
});

/** Each has a system of its own: the points of two stand side by side. */
export const ownTool = (name: string, title: string, settings: OwnSettings): Tool => ({
  name,
  title,
  kind: 'own',
  needs: ['pg_dump', 'pg_restore'],
  bucket: VAULT_BUCKET,
  prefixes: [catalogPrefix(name, ASSET), assetDataPrefix(name, ASSET), evidencePrefix(name)],
  backup: (bench) => task(bench, name, 'dump', settings, {}),
  restore: (bench, database) => task(bench, name, 'restore', settings, { DATABASE: database, SELECTION: '{}', FROM: 'vault' }),
  makesDatabase: true,
  verify: (bench) => task(bench, name, 'verify', settings, {}),
});
