/** Points made by the real dump and verify, and the container `database` as a process of this machine. */
import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, chownSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import type { PostgresAsset } from '../../../core/plan/schema.ts';
import type { ObjectReader, ObjectWriter } from '../../../core/ports/object-store.ts';
import { factKey } from '../../../core/vault/keys.ts';
import type { Manifest } from '../../../core/vault/manifest.ts';
import { openBucket } from '../../../adapters/s3/bucket.ts';
import { findProgram } from '../../../adapters/postgres/programs.ts';
import { serverAccount } from '../../../local/processes/accounts.ts';
import { dumpPoint } from '../../../tasks/dump/dump-point.ts';
import { runDrill, type DrillEnd, type DrillOrder, type DrillPorts } from '../../../tasks/drill/run-drill.ts';
import { verifiedFact, verifyPoint } from '../../../tasks/verify/verify-point.ts';
import { rootSettings, type FreshDatabase } from '../../helpers/servers.ts';
import { assetPlan, loginTo, testPorts } from '../dump/ports.ts';

export const SYSTEM = 'sys';
export const searchPath = () => `${inject('postgres').binDir}:/usr/bin:/bin`;

export type Vault = { bucket: string; reader: ObjectReader; writer: ObjectWriter };
export type MadePoint = Vault & { asset: PostgresAsset; point: string; manifest: Manifest };

export type PointOptions = {
  dump?: Parameters<typeof assetPlan>[0];
  drill?: Partial<PostgresAsset['drill']>;
  over?: object;
  point?: string;
  /** Where the point goes; a vault of its own when absent. */
  vault?: Vault;
  /** Changes what was dumped before it is verified; for facts that are wrong on purpose, after. */
  keys?: Manifest['keys'];
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
    const { manifest } = await dumpPoint({ system: SYSTEM, asset, point, attempt: '0001-1' }, { ...ports, vault: writer });
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
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      const force = setTimeout(() => child.kill('SIGKILL'), 5_000);
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
