import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { DrillResult } from '../../../core/drill/contract.ts';
import { evidenceKey } from '../../../core/vault/keys.ts';
import { freshDatabase, type FreshDatabase } from '../../helpers/servers.ts';
import { makePoint, runnerEnvironment, startContainer, SYSTEM, type Container, type MadePoint } from './fixture.ts';

let source: FreshDatabase;
let made: MadePoint;
beforeAll(async () => {
  source = await freshDatabase('entry');
  const client = await source.connect();
  await client.query(`CREATE TABLE t AS SELECT i AS id, repeat('x', 500) AS text FROM generate_series(1, 3000) i`);
  made = await makePoint(source);
});
afterAll(() => source.drop());

/** The task as ECS runs it: an environment in, an exit code out. */
async function runTask(container: Container, run: string, over: { environment?: Record<string, string>; stopAt?: string } = {}) {
  const environment = { ...runnerEnvironment(made, container, run), ...over.environment };
  const script = fileURLToPath(new URL('../../../tasks/drill/entrypoint.ts', import.meta.url));
  const child = spawn(process.execPath, [script], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (over.stopAt && text.includes(over.stopAt)) child.kill('SIGTERM');
    });
  const exitCode = await new Promise<number | null>((resolve) => child.once('close', resolve));
  const stored = await made.reader.get({ key: evidenceKey(SYSTEM, 'drill-result', run) });
  return { exitCode, output, result: stored && DrillResult.parse(JSON.parse(Buffer.from(stored.body).toString())) };
}

describe('the drill task', () => {
  it.each<[string, Record<string, string>, number, boolean]>([
    ['passes a good point', {}, 0, true],
    ['exits as a failed check', { ASSET_PLAN: 'with-a-check-that-fails' }, 50, true],
    ['exits as not isolated', { HOLDFAST_ISOLATION: 'none' }, 46, false],
    ['exits as a missing point', { POINT: '20200101T000000Z' }, 31, false],
    ['exits as badly configured', { FROM: 'tape' }, 78, false],
  ])('%s', async (name, environment, exitCode, hasResult) => {
    const container = startContainer();
    const { drill } = made.asset;
    const failing = {
      ...made.asset,
      drill: { ...drill, checks: [{ name: 'impossible', sql: 'SELECT count(*) FROM t', compare: '=', expect: -1 }] },
    };
    const plan: Record<string, string> = environment['ASSET_PLAN'] ? { ASSET_PLAN: JSON.stringify(failing) } : {};
    try {
      const run = `20260601T05000${exitCode % 10}Z-${name.length.toString(16).padStart(6, '0')}`;
      const task = await runTask(container, run, { environment: { ...environment, ...plan } });
      expect([task.exitCode, task.output]).toEqual([exitCode, task.output]);
      expect(task.result !== undefined).toBe(hasResult);
      expect(task.output).not.toContain(inject('emulator').secretAccessKey);
    } finally {
      await container.remove();
    }
  });

  it('ends within seconds of SIGTERM, with its database', async () => {
    const container = startContainer();
    try {
      const task = await runTask(container, '20260601T060000Z-aaaaaa', { stopAt: 'Phase restore starts' });
      expect(task.exitCode).toBe(20);
      expect(task.result).toBeUndefined();
      await container.ended;
      expect(container.leftovers()).toEqual([]);
    } finally {
      await container.remove();
    }
  });
});
