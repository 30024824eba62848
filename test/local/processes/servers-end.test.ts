import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { openMachine } from '../../../local/machine.ts';
import { MachineNotReady, oneLine } from '../../../local/errors.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const temporary = mkdtempSync(join(tmpdir(), 'hf-end-'));
chmodSync(temporary, 0o755);
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

/** Processes whose environment or directory is below `path`. */
function processesUnder(path: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(path) || readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(path);
      } catch {
        return false;
      }
    });
}

const waitFor = async (what: () => boolean, milliseconds: number) => {
  const deadline = Date.now() + milliseconds;
  while (!what() && Date.now() < deadline) await sleep(50);
  return what();
};

test('a process that is killed with SIGKILL leaves no server and no file behind', async () => {
  const url = (path: string) => JSON.stringify(new URL(`../../../local/${path}`, import.meta.url).href);
  const script = `
    import { ensureTools } from ${url('tools/ensure.ts')};
    import { startEmulator } from ${url('emulator.ts')};
    import { startPostgres } from ${url('postgres.ts')};
    import { temporaryDirectory } from ${url('processes/guard.ts')};
    import { createTlsFiles } from ${url('servers/tls-files.ts')};
    const tools = await ensureTools({ directory: ${JSON.stringify(join(ROOT, '.holdfast'))}, environment: process.env });
    const run = temporaryDirectory('run', 0o755);
    const tls = createTlsFiles(run.path, new Date());
    const log = (name) => run.path + '/' + name;
    await Promise.all([
      startEmulator({ python: tools.python, tls, logFile: log('emulator.log') }),
      startPostgres({ programs: tools.postgres, tls, logFile: log('postgres.log'), settings: ['fsync = off'] }),
    ]);
    console.log('ready');
    setInterval(() => {}, 1000);`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TMPDIR: temporary },
  });
  await once(parent.stdout, 'data');
  // The parent itself, emulator, postmaster at the least.
  expect(processesUnder(temporary).length).toBeGreaterThanOrEqual(3);
  parent.kill('SIGKILL');
  await waitFor(() => processesUnder(temporary).length === 0 && readdirSync(temporary).length === 0, 15_000);
  expect(processesUnder(temporary)).toEqual([]);
  expect(readdirSync(temporary)).toEqual([]);
});

test('a taken port: one line, and nothing is left running', async () => {
  const taken = createServer();
  taken.listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as { port: number };
  const directory = join(temporary, 'holdfast');
  const machine = openMachine({ directory, environment: process.env, now: new Date(), port, tools: join(ROOT, '.holdfast', 'tools') });
  const error: unknown = await machine.catch((reason: unknown) => reason);
  taken.close();
  expect(error).toBeInstanceOf(MachineNotReady);
  expect(oneLine(error as MachineNotReady)).toContain(`Port ${port} of 127.0.0.1 is taken by another program`);
  expect(existsSync(join(directory, 'lock'))).toBe(true);
  // The lock is free again: the next start is not told that the directory is busy.
  const second: unknown = await openMachine({
    directory,
    environment: process.env,
    now: new Date(),
    tools: join(ROOT, '.holdfast', 'tools'),
  });
  await (second as { close(): Promise<void> }).close();
});
