/**
 * A drill with a canary, its two containers as the task definition starts them: while the escrowed key is open in the runner, it is
 * looked for in the arguments and the environment of every process of both, and in their files.
 */
import { CreateKeyCommand } from '@aws-sdk/client-kms';
import { spawn, type ChildProcess } from 'node:child_process';
import { createCipheriv, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectToThrowaway } from '../../../adapters/postgres/throwaway.ts';
import { envelopeSealer } from '../../../adapters/escrow/envelope.ts';
import { kmsClients } from '../../../adapters/escrow/kms-key.ts';
import { DrillEvidence, DrillResult, JudgeRequest } from '../../../core/drill/contract.ts';
import { envelopeContext } from '../../../core/escrow/contract.ts';
import { KeyCanary } from '../../../core/plan/schema-canary.ts';
import { keyDrillsOf, lastDrillsOf } from '../../../core/report/build-keys.ts';
import { taskCommand } from '../../../core/task-command.ts';
import { envelopeKey, evidenceKey } from '../../../core/vault/keys.ts';
import { judgeDrill } from '../../../functions/drill/judge-drill.ts';
import { RESTORED_DATABASE } from '../../../tasks/drill/restore-point.ts';
import { mayDumpCore } from '../../helpers/core-dumps.ts';
import { freshDatabase, rootSettings, TEST_REGION, type FreshDatabase } from '../../helpers/servers.ts';
import { forgePoint, makePoint, runnerEnvironment, searchPath, startContainer, SYSTEM, type Container, type MadePoint } from './fixture.ts';

const APP_ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const KEY = 'wallet-key';
const FINGERPRINT = 'f'.repeat(64);
const RUN = '20260601T050000Z-abcdef';
const planted = randomBytes(32);
/** As the secret holds it, and every other form in which it could be handed on. */
const forms = [
  planted.toString('hex'),
  planted.toString('hex').toUpperCase(),
  planted.toString('base64').replace(/=+$/, ''),
  planted.toString('base64url'),
  Buffer.from(planted.toString('hex')).toString('base64').replace(/=+$/, ''),
].map((form) => Buffer.from(form));
const holdsKey = (bytes: Buffer) => [...forms, planted].some((form) => bytes.includes(form));

/** The key is open for as long as this value is being asked for. */
const SLOWLY = 'SELECT share FROM (SELECT pg_catalog.pg_sleep(2)) AS slept, public.t';

let source: FreshDatabase;
let made: MadePoint;
let keyArn: string;

beforeAll(async () => {
  source = await freshDatabase('planted');
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', planted, iv);
  const ciphertext = Buffer.concat([cipher.update('a share'), cipher.final()]);
  const share = Buffer.concat([iv, cipher.getAuthTag(), ciphertext]).toString('hex');
  const client = await source.connect();
  await client.query(`CREATE TABLE public.t AS SELECT '\\x${share}'::bytea AS share`);
  const canary = KeyCanary.parse({ key: KEY, sql: SLOWLY, keyEncoding: 'hex' });
  const plain = await makePoint(source, { drill: { canaries: [canary] } });
  const point = '20260602T020000Z';
  made = await forgePoint(plain, { point, manifest: (manifest) => ({ ...manifest, keys: [{ key: KEY, fingerprint: FINGERPRINT }] }) });
  const kms = kmsClients(rootSettings());
  const [home = '', replica = ''] = await Promise.all(
    [TEST_REGION, 'eu-west-1'].map(async (region) => (await kms(region).send(new CreateKeyCommand({}))).KeyMetadata?.Arn ?? ''),
  );
  keyArn = home;
  const { envelope } = await envelopeSealer(kms, [home, replica]).seal(Buffer.from(planted.toString('hex')), envelopeContext(SYSTEM, KEY));
  // Under the name that the first release gave it.
  await made.writer.putOnce(envelopeKey(SYSTEM, KEY, FINGERPRINT), envelope);
});
afterAll(() => source.drop());

describe('while a drill has a key open', () => {
  it('no argument, environment or file of its containers holds it, and none of its processes may dump core', async () => {
    const container = startContainer();
    const { child, output, line, ended } = startRunner(container);
    try {
      await line('Phase keys starts');
      const seen = await lookUntilAsked(container, () => [child, container.child].flatMap(processesOf));
      const leaks = [container.sharedDir, container.dataDir, container.scratchDir].flatMap(filesWithKey);
      expect(output(), 'the look was over before the canary was').not.toContain('Phase keys ended');
      expect(leaks).toEqual([]);
      expect(seen.filter((one) => one.holdsKey).map((one) => one.name)).toEqual([]);

      const names = new Set(seen.map((one) => one.name));
      expect([...names]).toEqual(expect.arrayContaining(['node', 'sh', 'postgres']));
      // What becomes a container is not one.
      const ofContainers = seen.filter(({ name }) => !['unshare', 'setpriv'].includes(name));
      expect(ofContainers.filter((one) => one.mayDumpCore).map((one) => one.name)).toEqual([]);

      expect([await ended, output()]).toEqual([0, output()]);
      expect(holdsKey(Buffer.from(output()))).toBe(false);
      const stored = await made.reader.get({ key: evidenceKey(SYSTEM, 'drill-result', RUN) });
      const { checks } = DrillResult.parse(JSON.parse(Buffer.from(stored!.body).toString()));
      expect(checks.filter((check) => check.kind === 'canary').map((check) => check.measured)).toEqual(['1 recovered', 'authenticated']);
    } finally {
      child.kill('SIGKILL');
      await container.remove();
    }
  });

  it('stands on the page of the key afterwards, with when it was held and how long each part took', async () => {
    const request = JudgeRequest.parse({
      system: SYSTEM,
      asset: made.asset.id,
      run: RUN,
      execution: 'arn:run',
      startedAt: '2026-06-01T05:00:00.000Z',
      point: made.point,
      from: 'vault',
      objectives: { rpoSeconds: 86_400 * 3650, rtoSeconds: 86_400 },
    });
    const judgedAt = '2026-06-01T05:10:00.000Z';
    const ports = { vault: { ...made.reader, ...made.writer }, now: () => new Date(judgedAt), publish: () => undefined };
    const { evidence } = await judgeDrill(request, ports);
    const stored = await made.reader.get({ key: evidence });
    const held = DrillEvidence.parse(JSON.parse(Buffer.from(stored!.body).toString()));
    const inVault = keyDrillsOf(KEY, [{ [held.asset]: [held] }]);
    // What the home region gives back is no drill of the second one.
    expect(lastDrillsOf(KEY, inVault, undefined)[0]).toEqual({ way: 'second-region', last: undefined });

    const fromReplica: DrillEvidence = { ...held, from: 'replica', judgedAt: '2026-06-02T05:10:00.000Z' };
    const [recovered, opened, ...others] = lastDrillsOf(
      KEY,
      keyDrillsOf(KEY, [{ [held.asset]: [held] }, { [held.asset]: [fromReplica] }]),
      undefined,
    );
    expect(recovered).toEqual({
      way: 'second-region',
      last: { at: fromReplica.judgedAt, outcome: 'passed', seconds: expect.any(Number) as number },
    });
    expect(opened).toMatchObject({ way: 'canary', last: { at: fromReplica.judgedAt, outcome: 'passed' } });
    // The value was asked for slowly.
    expect(opened?.last?.seconds).toBeGreaterThanOrEqual(2);
    expect(others).toEqual([]);
    // Of another key, whose name begins alike, it was none.
    expect(keyDrillsOf('wallet', [{ [held.asset]: [held] }])).toEqual([]);
  });

  it('would be seen in an argument and in the environment', async () => {
    const secret = planted.toString('base64');
    for (const [args, env] of [
      [['-c', 'sleep 20; :', secret], {}],
      [['-c', 'sleep 20; :'], { KEY: secret }],
    ] as const) {
      const decoy = spawn('sh', args, { env: { PATH: searchPath(), ...env } });
      try {
        await sleep(100);
        expect(processesOf(decoy).some((one) => one.holdsKey)).toBe(true);
      } finally {
        decoy.kill('SIGKILL');
      }
    }
  });
});

function startRunner(container: Container) {
  const [program = '', ...args] = taskCommand('drill');
  const child = spawn(program, args, {
    cwd: APP_ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...runnerEnvironment(made, container, RUN),
      PATH: `${dirname(process.execPath)}:${searchPath()}`,
      ESCROW_KEY_ARN: keyArn,
      TMPDIR: container.scratchDir,
    },
  });
  let said = '';
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  const line = async (text: string) => {
    while (!said.includes(text)) {
      if (child.exitCode !== null) throw new Error(`The runner ended before '${text}': ${said}`);
      await sleep(20);
    }
  };
  return { child, output: () => said, line, ended };
}

/** Looks again and again, and for the last time while the restored database is asked for the canary. */
async function lookUntilAsked(container: Container, look: () => Seen[]): Promise<Seen[]> {
  const seen: Seen[] = [];
  const database = await connectToThrowaway(container.sharedDir, RESTORED_DATABASE);
  try {
    for (let isAsked = false; !isAsked; await sleep(20)) {
      const asked = await database.query(
        `SELECT 1 FROM pg_catalog.pg_stat_activity WHERE query LIKE '%pg_sleep(2)%' AND pid <> pg_backend_pid()`,
      );
      isAsked = asked.length > 0;
      seen.push(...look());
    }
  } finally {
    await database.end();
  }
  return seen;
}

type Seen = { name: string; holdsKey: boolean; mayDumpCore: boolean };

/** A process and all that it started. One that ends meanwhile is left out. */
function processesOf({ pid }: ChildProcess): Seen[] {
  const parents = new Map(readdirSync('/proc').flatMap((id) => (/^\d+$/.test(id) ? [[Number(id), parentOf(id)] as const] : [])));
  const isOf = (id: number | undefined): boolean => id !== undefined && (id === pid || isOf(parents.get(id)));
  return [...parents.keys()].filter(isOf).flatMap((id) => {
    try {
      const [args, environment] = ['cmdline', 'environ'].map((file) => readFileSync(`/proc/${id}/${file}`)) as Buffer[];
      const [program = ''] = args!.toString('latin1').split('\0');
      const name = basename(program.replace(/:.*/s, ''));
      return [{ name, holdsKey: holdsKey(args!) || holdsKey(environment!), mayDumpCore: mayDumpCore(id) }];
    } catch {
      return [];
    }
  });
}

function parentOf(id: string): number | undefined {
  try {
    return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1]);
  } catch {
    return undefined;
  }
}

function filesWithKey(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true }).flatMap((entry) => {
    const path = join(entry.parentPath, entry.name);
    try {
      return entry.isFile() && holdsKey(readFileSync(path)) ? [path] : [];
    } catch {
      return [];
    }
  });
}
