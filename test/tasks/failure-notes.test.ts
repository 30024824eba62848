/** Why a task failed, from the task as a process to what a person is told: the message of the failure, the evidence of a drill. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { COMPILE_CACHE } from '../../local/processes/compile-cache.ts';
import { FailureNote } from '../../core/failure/failure-note.ts';
import { stepOfTask } from '../../core/failure/steps.ts';
import type { Stage, TaskName } from '../../core/names.ts';
import type { PostgresAsset } from '../../core/plan/schema.ts';
import { failureNoteKey } from '../../core/vault/keys.ts';
import { reportFailure } from '../../functions/backup/report-failure.ts';
import { judgeDrill } from '../../functions/drill/judge-drill.ts';
import { freshDatabase, rootSettings, TEST_REGION, uniqueSuffix, type FreshDatabase } from '../helpers/servers.ts';
import { forgePoint, makePoint, searchPath, startContainer, SYSTEM, type MadePoint } from './drill/fixture.ts';
import { storeSecret } from './dump/run-dump-task.ts';

const PLANTED = 'planted.person@example.org';
let source: FreshDatabase;
let made: MadePoint;
let scratchDir: string;
const owner = `notes_${uniqueSuffix()}`;

beforeAll(async () => {
  source = await freshDatabase('notes');
  scratchDir = mkdtempSync(join(tmpdir(), 'holdfast-notes-'));
  const client = await source.connect();
  await client.query(`
    CREATE ROLE ${owner} LOGIN PASSWORD 'secret';
    CREATE TABLE people (email text PRIMARY KEY);
    INSERT INTO people VALUES ('${PLANTED}'), ('b');
    CREATE TABLE mine (id integer);
  `);
  made = await makePoint(source, { dump: { format: 'plain' } });
});
afterAll(async () => {
  await (await source.connect()).query(`DROP ROLE ${owner}`);
  await source.drop();
  rmSync(scratchDir, { recursive: true, force: true });
});

/** The task as ECS runs it, and what it left. */
async function runTask(task: TaskName, point: MadePoint, run: string, environment: Record<string, string> = {}) {
  const { endpointUrl, caPath } = inject('emulator');
  const { accessKeyId, secretAccessKey } = rootSettings().credentials;
  const env = {
    PATH: `${dirname(process.execPath)}:${searchPath()}`,
    NODE_COMPILE_CACHE: COMPILE_CACHE,
    AWS_REGION: TEST_REGION,
    AWS_ENDPOINT_URL: endpointUrl,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    NODE_EXTRA_CA_CERTS: caPath,
    SYSTEM,
    ASSET_PLAN: JSON.stringify(point.asset),
    VAULT_BUCKET: point.bucket,
    SCRATCH_DIR: scratchDir,
    POINT: point.point,
    RUN: run,
    TRY: '2',
    ...environment,
  };
  const entrypoint = fileURLToPath(new URL(`../../tasks/${task}/entrypoint.ts`, import.meta.url));
  const child = spawn(process.execPath, [entrypoint], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const exitCode = await new Promise<number | null>((resolve) => child.once('close', resolve));
  const stored = await point.reader.get({ key: failureNoteKey(SYSTEM, point.asset.id, run, task, 2) });
  const note = stored && FailureNote.parse(JSON.parse(Buffer.from(stored.body).toString()));
  const error = {
    Error: 'States.TaskFailed',
    Cause: JSON.stringify({ StopCode: 'EssentialContainerExited', Containers: [{ Name: 'runner', ExitCode: exitCode }] }),
  };
  return { output, note, error };
}

async function drill(point: MadePoint, run: string, environment: Record<string, string> = {}) {
  const container = startContainer();
  try {
    return await runTask('drill', point, run, {
      ESCROW_BUCKET: point.bucket,
      ESCROW_KEY_ARN: 'arn:aws:kms:eu-central-1:000000000000:alias/none',
      DATABASE_SOCKET_DIR: container.sharedDir,
      SCRATCH_DIR: container.scratchDir,
      FROM: 'vault',
      ...environment,
    });
  } finally {
    await container.remove();
  }
}

const judge = (point: MadePoint, run: string, error: { Error: string; Cause: string }) =>
  judgeDrill(
    {
      system: SYSTEM,
      asset: point.asset.id,
      run,
      execution: 'execution',
      startedAt: '2026-07-03T03:00:00Z',
      point: point.point,
      from: 'vault',
      objectives: { rpoSeconds: 1e9, rtoSeconds: 3600 },
      error,
    },
    {
      vault: { ...point.reader, ...point.writer },
      now: () => new Date('2026-07-03T04:00:00Z'),
      publish: () => undefined,
    },
  );

/** What is published of the failure, and the cause of the machine's end. */
async function told(stage: Stage, task: TaskName, point: MadePoint, run: string, error: { Error: string; Cause: string }) {
  let body = '';
  const request = {
    stage,
    step: stepOfTask(task),
    asset: point.asset.id,
    point: point.point,
    run,
    execution: 'execution',
    tries: 2,
    error,
  };
  const { message } = await reportFailure(request, {
    system: SYSTEM,
    side: 'vault',
    vault: point.reader,
    notifier: { publish: async (_, text) => void (body = text) },
    count: () => undefined,
    warn: (what, cause) => {
      throw new Error(what, { cause });
    },
  });
  return { message, body };
}

const repack = (compression: string, bytes: Buffer, change: (text: string) => string) =>
  compression === 'zstd' ? zstdCompressSync(change(zstdDecompressSync(bytes).toString())) : gzipSync(change(gunzipSync(bytes).toString()));

describe('why a task failed', () => {
  it('of a restore: the login may not do it, and what to do', async () => {
    const run = '20260701T010000Z-aaaaaa';
    const { host, port, database: dbname, ca } = source;
    const secret = await storeSecret({ host, port, dbname, username: owner, password: 'secret', ca });
    const asset: PostgresAsset = {
      ...made.asset,
      source: { ...made.asset.source, ca: 'secret' },
      restore: { secret, noOwner: false, noPrivileges: false },
    };
    const point = { ...made, asset };
    const { output, note, error } = await runTask('restore', point, run, { FROM: 'vault', DATABASE: `notes_${uniqueSuffix()}` });
    expect(note, output).toMatchObject({
      failure: 'TargetRefused',
      advice: expect.stringContaining(`ALTER ROLE "${owner}" CREATEDB`) as string,
    });
    const { message, body } = await told('restore', 'restore', point, run, error);
    for (const text of [message, body]) {
      expect(text).toContain(`the role ${owner} may not create a database`);
      expect(text).toContain(`may not give objects to ${source.user}`);
      expect(text).toContain(`ALTER ROLE "${owner}" CREATEDB. GRANT "${source.user}" TO "${owner}"`);
    }
  });

  it('of a verification: which object is damaged', async () => {
    const point = await forgePoint(made, {
      point: '20260702T020000Z',
      stored: (bytes) => Buffer.concat([bytes.subarray(0, -1), Buffer.from([(bytes.at(-1) ?? 0) ^ 1])]),
    });
    const run = '20260702T020000Z-bbbbbb';
    const { output, note, error } = await runTask('verify', point, run);
    const { key } = point.manifest.objects.find(({ role }) => role === 'dump')!;
    expect(note, output).toMatchObject({ failure: 'PointDamaged' });
    const { message, body } = await told('backup', 'verify', point, run, error);
    for (const text of [message, body]) {
      expect(text).toContain(key);
      expect(text).toMatch(/SHA-256|CRC/);
    }
  });

  it('of a drill that could not run: why, in the evidence', async () => {
    const run = '20260704T030000Z-dddddd';
    const { note, error, output } = await drill(made, run, { HOLDFAST_ISOLATION: 'none' });
    expect(note, output).toMatchObject({ failure: 'NotIsolated' });
    const { outcome, reasons } = await judge(made, run, error);
    expect(outcome).toBe('could-not-run');
    expect(reasons.join()).toContain(`the chain of this plan does not name ${made.point}`);
  });
  it('of a drill: SQLSTATE, object and line of a broken dump, and no row', async () => {
    const run = '20260703T030000Z-cccccc';
    const point = await forgePoint(made, {
      point: '20260703T020000Z',
      dump: (bytes) => repack(made.manifest.dump.compression, bytes, (text) => text.replace(`\nb\n`, `\n${PLANTED}\n`)),
    });
    const { output, note, error } = await drill(point, run);
    expect(note, output).toMatchObject({ failure: 'RestoreFailed', sqlstate: '23505', line: expect.any(Number) as number });
    const { message } = await told('drill', 'drill', point, run, error);
    const { outcome, reasons, evidence } = await judge(point, run, error);
    expect(outcome).toBe('failed');
    const text = Buffer.from((await point.reader.get({ key: evidence }))!.body).toString();
    for (const said of [message, reasons.join(), text]) {
      expect(said).toMatch(/SQLSTATE 23505 at [A-Z ]+ public\.people.*, line \d+/);
      expect(said).not.toContain(PLANTED);
    }
    expect(output).not.toContain(PLANTED);
  });
});
