import { spawn } from 'node:child_process';
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
