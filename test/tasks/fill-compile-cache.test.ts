import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { taskArguments } from '../../core/task-command.ts';

const directory = mkdtempSync(join(tmpdir(), 'holdfast-compile-cache-'));
afterAll(() => rmSync(directory, { recursive: true }));

const run = (args: readonly string[], environment: Record<string, string>) =>
  spawnSync(process.execPath, args, { env: { PATH: process.env['PATH'], ...environment }, encoding: 'utf8' });

it('has a task, and the threads of a dump, find compiled what they load', () => {
  const filled = run(['tasks/fill-compile-cache.ts'], { NODE_COMPILE_CACHE: directory });
  expect(filled.status, filled.stderr).toBe(0);
  const { stderr } = run(taskArguments('dump'), { NODE_COMPILE_CACHE: directory, NODE_DEBUG_NATIVE: 'COMPILE_CACHE' });
  expect(stderr).toMatch(/tasks\/dump\/entrypoint\.ts was accepted/);
  expect(stderr).not.toMatch(/cache for .* was rejected/);
});

it('says where compiled code would have to be kept', () => {
  const refused = run(['tasks/fill-compile-cache.ts'], {});
  expect(refused.status).toBe(1);
  expect(refused.stderr).toContain('NODE_COMPILE_CACHE');
});

it('is filled by the user whom the tasks run as: Node keeps a cache for each', () => {
  const lines = readFileSync('tasks/Dockerfile', 'utf8').split('\n');
  const last = (start: string) => lines.findLastIndex((line) => line.startsWith(start));
  expect(last('USER 10001')).toBeGreaterThan(0);
  expect(last('RUN node tasks/fill-compile-cache.ts')).toBeGreaterThan(last('USER 10001'));
});
