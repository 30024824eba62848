/** Points made by the real dump and verify, and the container `database` as a process of this machine. */
import { COMPILE_CACHE } from '../../../local/processes/compile-cache.ts';
import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, chownSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { inject } from 'vitest';
import type { PostgresAsset } from '../../../core/plan/schema.ts';
import type { ObjectReader, ObjectWriter } from '../../../core/ports/object-store.ts';
import { factKey, manifestKey } from '../../../core/vault/keys.ts';
import type { Manifest, StoredObject } from '../../../core/vault/manifest.ts';
import { addToCrc32, encodeCrc32 } from '../../../adapters/s3/crc.ts';
import { openBucket } from '../../../adapters/s3/bucket.ts';
import { findProgram } from '../../../adapters/postgres/programs.ts';
import { serverAccount } from '../../../local/processes/accounts.ts';
import { dumpPoint, type DumpPorts } from '../../../tasks/dump/dump-point.ts';
import { runDrill, type DrillEnd, type DrillOrder, type DrillPorts } from '../../../tasks/drill/run-drill.ts';
import { verifiedFact, verifyPoint } from '../../../tasks/verify/verify-point.ts';
import { TEST_REGION, rootSettings, type FreshDatabase } from '../../helpers/servers.ts';
import { assetPlan, loginTo, testPorts } from '../dump/ports.ts';

export const SYSTEM = 'sys';
export const searchPath = () => `${inject('postgres').binDir}:/usr/bin:/bin`;

type Vault = { bucket: string; reader: ObjectReader; writer: ObjectWriter };
export type MadePoint = Vault & { asset: PostgresAsset; point: string; manifest: Manifest };

export type PointOptions = {
  dump?: Parameters<typeof assetPlan>[0];
  drill?: Partial<PostgresAsset['drill']>;
  over?: object;
  point?: string;
  /** Of the dump: segments as small as a test's tables. */
  limits?: DumpPorts['limits'];
  /** Where the point goes; a vault of its own when absent. */
  vault?: Vault;
};

/** A verified point of the database, as backup leaves it. */
export async function makePoint(source: FreshDatabase, options: PointOptions = {}): Promise<MadePoint> {
  const plan = assetPlan(options.dump ?? {}, options.over ?? {});
  const asset = { ...plan, drill: { ...plan.drill, ...options.drill } };
  const point = options.point ?? '20260601T020000Z';
  const ports = await testPorts(loginTo(source), inject('postgres').binDir);
  const bucket = options.vault?.bucket ?? ports.bucket;
  const { reader, writer } = openBucket(bucket, rootSettings(), { AWS_ENDPOINT_URL: rootSettings().endpointUrl });
  try {
    const { manifest } = await dumpPoint(
      { system: SYSTEM, asset, point, attempt: '0001-1' },
      { ...ports, vault: writer, ...(options.limits ? { limits: options.limits } : {}) },
    );
    const name = { system: SYSTEM, asset: asset.id, point };
    const { signal } = new AbortController();
    const verified = await verifyPoint(name, {
      reader,
      pgRestore: await findProgram('pg_restore', searchPath()),
      searchPath: searchPath(),
      signal,
    });
    await writer.putOnce(
      factKey(SYSTEM, asset.id, point, 'verified', 'run'),
      JSON.stringify(verifiedFact(name, 'run', new Date(), verified)),
    );
    return { bucket, reader, writer, asset, point, manifest };
  } finally {
    ports.cleanUp();
  }
}

export type Forgery = {
  point: string;
  /** Other bytes than the dump's, as somebody would store them who may write the vault. */
  dump?: (bytes: Buffer) => Buffer;
  /** Bytes that are not those of the manifest, as decay or an attack leaves them. */
  stored?: (bytes: Buffer) => Buffer;
  manifest?: (manifest: Manifest) => Manifest;
};

/** The same point again under another id, changed; its manifest and facts fit it, but for `stored`. */
export async function forgePoint(made: MadePoint, forgery: Forgery): Promise<MadePoint> {
  const { reader, writer, asset } = made;
  const rename = (text: string) => text.replaceAll(made.point, forgery.point).replaceAll(slashDate(made.point), slashDate(forgery.point));
  const objects: StoredObject[] = [];
  for (const object of made.manifest.objects) {
    const found = await reader.get({ key: object.key, versionId: object.versionId });
    const original = Buffer.from(found?.body ?? []);
    const bytes = object.role === 'dump' && forgery.dump ? forgery.dump(original) : original;
    const stored = object.role === 'dump' && forgery.stored ? forgery.stored(bytes) : bytes;
    const key = rename(object.key);
    const { versionId } = await writer.putOnce(key, stored);
    const crc = { algorithm: 'CRC32' as const, value: encodeCrc32(addToCrc32(bytes)) };
    objects.push({ ...object, key, versionId, sizeBytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex'), crc });
  }
  const named: Manifest = { ...made.manifest, point: forgery.point, slot: forgery.point, objects };
  const manifest = forgery.manifest ? forgery.manifest(named) : named;
  await writer.putOnce(manifestKey(SYSTEM, asset.id, forgery.point), JSON.stringify(manifest));
  const fact = await reader.get({ key: factKey(SYSTEM, asset.id, made.point, 'verified', 'run') });
  await writer.putOnce(factKey(SYSTEM, asset.id, forgery.point, 'verified', 'run'), rename(Buffer.from(fact?.body ?? []).toString()));
  return { ...made, point: forgery.point, manifest };
}

const slashDate = (point: string) => `${point.slice(0, 4)}/${point.slice(4, 6)}/${point.slice(6, 8)}`;

export type Container = {
  sharedDir: string;
  dataDir: string;
  scratchDir: string;
  child: ChildProcess;
  output: () => string;
  /** What is left in its directories. */
  leftovers: () => string[];
  /** Resolves with the exit code. */
  ended: Promise<number | null>;
  remove: () => Promise<void>;
};

export type ContainerOptions = {
  environment?: Record<string, string>;
  lifeSeconds?: number;
  wrap?: (command: string[]) => string[];
  dataDir?: string;
};

/** As `local/` starts it: as root, another user in a process namespace of its own; otherwise the same user. */
export function startContainer(options: ContainerOptions = {}): Container {
  const home = mkdtempSync(join(tmpdir(), 'holdfast-drill-'));
  chmodSync(home, 0o711);
  const dirs = { sharedDir: join(home, 'socket'), dataDir: options.dataDir ?? join(home, 'data'), scratchDir: join(home, 'scratch') };
  const account = serverAccount();
  for (const [name, dir] of Object.entries(dirs)) {
    if (name !== 'dataDir' || !options.dataDir) mkdirSync(dir, { mode: 0o700 });
    if (account && name !== 'scratchDir') chownSync(dir, account.uid, account.gid);
  }
  // Another user may not be able to enter the directory of the sources.
  const script = join(home, 'database.sh');
  cpSync(new URL('../../../tasks/drill/database.sh', import.meta.url).pathname, script);
  chmodSync(script, 0o755);
  const command = ['sh', script, dirs.sharedDir, dirs.dataDir, String(options.lifeSeconds ?? 300)];
  const asUser = account
    ? ['setpriv', `--reuid=${account.uid}`, `--regid=${account.gid}`, '--clear-groups', '--no-new-privs', '--', ...command]
    : command;
  const [program = '', ...args] = (
    options.wrap ?? ((c) => (account ? ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc', '--', ...c] : c))
  )(asUser);
  const child = spawn(program, args, {
    env: { PATH: searchPath(), ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    ...dirs,
    child,
    output: () => text,
    leftovers: () => Object.values(dirs).flatMap((dir) => readdirSync(dir).filter((name) => name !== 'stop')),
    ended,
    async remove() {
      // The whole group: what makes the namespaces passes no signal on.
      const signal = (name: NodeJS.Signals) => {
        if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) process.kill(-child.pid, name);
      };
      signal('SIGTERM');
      const force = setTimeout(() => signal('SIGKILL'), 5_000);
      await ended;
      clearTimeout(force);
      rmSync(home, { recursive: true, force: true });
    },
  };
}

export const orderOf = (made: MadePoint, container: Container, over: Partial<DrillOrder> = {}): DrillOrder => ({
  system: SYSTEM,
  asset: made.asset,
  point: made.point,
  from: 'vault',
  run: '20260601T040000Z-aaaaaa',
  isolation: 'own-uid',
  sharedDir: container.sharedDir,
  scratchDir: container.scratchDir,
  path: searchPath(),
  ...over,
});

export const portsOf = (made: Pick<MadePoint, 'reader'>, over: Partial<DrillPorts> = {}): DrillPorts => ({
  reader: made.reader,
  openKey: () => Promise.reject(new Error('this drill needs no key')),
  now: () => new Date(),
  monotonicSeconds: () => performance.now() / 1000,
  report: () => undefined,
  moved: () => undefined,
  ...over,
});

/** A whole drill of a point in a container of its own, which must be gone afterwards. */
export async function drill(
  made: MadePoint,
  over: { order?: Partial<DrillOrder>; ports?: Partial<DrillPorts>; container?: ContainerOptions; signal?: AbortSignal } = {},
): Promise<DrillEnd & { leftovers: string[] }> {
  const container = startContainer(over.container);
  try {
    const end = await runDrill(
      orderOf(made, container, over.order),
      portsOf(made, over.ports),
      over.signal ?? new AbortController().signal,
    );
    await container.ended;
    return { ...end, leftovers: container.leftovers() };
  } finally {
    await container.remove();
  }
}

export const failedChecks = ({ result }: DrillEnd): string[] =>
  result.checks.filter((check) => check.outcome === 'failed').map((check) => `${check.kind}: ${check.name}`);

/** What ECS gives the runner of a drill, but for the key that opens envelopes, which most drills here have no need of. */
export function runnerEnvironment(made: MadePoint, container: Container, run: string): Record<string, string> {
  const { endpointUrl, accessKeyId, secretAccessKey, caPath } = inject('emulator');
  return {
    PATH: searchPath(),
    NODE_COMPILE_CACHE: COMPILE_CACHE,
    AWS_REGION: TEST_REGION,
    AWS_ENDPOINT_URL: endpointUrl,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    NODE_EXTRA_CA_CERTS: caPath,
    SYSTEM,
    ASSET_PLAN: JSON.stringify(made.asset),
    VAULT_BUCKET: made.bucket,
    ESCROW_BUCKET: made.bucket,
    ESCROW_KEY_ARN: 'arn:aws:kms:eu-central-1:000000000000:alias/none',
    DATABASE_SOCKET_DIR: container.sharedDir,
    SCRATCH_DIR: container.scratchDir,
    POINT: made.point,
    FROM: 'vault',
    RUN: run,
    TRY: '1',
  };
}
