import { spawn } from 'node:child_process';
import { openSync, closeSync } from 'node:fs';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const BIN = fileURLToPath(new URL('../../bin/holdfast.ts', import.meta.url));

it('a reader that ends early, as head does, ends no verb with an error', async () => {
  const holdfast = spawn(process.execPath, [BIN, 'restore', '--help'], { stdio: ['ignore', 'pipe', 'pipe'] });
  holdfast.stdout.destroy();
  let said = '';
  holdfast.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  expect(await once(holdfast, 'close')).toEqual([0, null]);
  expect(said).toBe('');
});

it('a disk that is full is told, with an exit code that says nothing of what was looked at', async () => {
  const full = openSync('/dev/full', 'w');
  const holdfast = spawn(process.execPath, [BIN, 'plan', 'check', 'plans/ida.yaml', '--output', 'json'], {
    stdio: ['ignore', full, 'pipe'],
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
  });
  closeSync(full);
  let said = '';
  holdfast.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  expect(await once(holdfast, 'close')).toEqual([74, null]);
  expect(JSON.parse(said)).toMatchObject({ error: { failure: 'OutputLost', message: expect.stringMatching(/standard output: .*ENOSPC/) } });
});
