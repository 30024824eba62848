import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, expect, test } from 'vitest';
import { MachineNotReady, oneLine } from '../../../local/errors.ts';
import { installOnce } from '../../../local/tools/install.ts';
import { takeLock } from '../../../local/tools/lock.ts';
import { findPython } from '../../../local/tools/python.ts';

const directory = mkdtempSync(join(tmpdir(), 'holdfast-setup-test-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const refusal = async (work: Promise<unknown>) => {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof MachineNotReady)) throw new TypeError(`Expected a MachineNotReady, not ${String(error)}`);
  return oneLine(error);
};

const programs = (name: string, files: Record<string, string>) => {
  const path = join(directory, name);
  mkdirSync(path);
  for (const [file, body] of Object.entries(files)) {
    writeFileSync(join(path, file), `#!/bin/sh\n${body}\n`);
    chmodSync(join(path, file), 0o755);
  }
  return { PATH: path };
};

test('no Python: one line that says what to install', async () => {
  const line = await refusal(findPython({ PATH: join(directory, 'empty') }));
  expect(line).toBe('Python 3.10 or newer is needed, and there is none in PATH. Install Python 3.10 or newer with venv, then try again.');
});

test('an old Python: one line with its version', async () => {
  expect(await refusal(findPython(programs('old', { python3: 'echo 3 9' })))).toContain('python3 is 3.9');
});

test('a Python without venv: one line that names the package', async () => {
  const environment = programs('bare', { python3: 'case "$2" in *ensurepip*) exit 1;; *) echo 3 12;; esac' });
  expect(await refusal(findPython(environment))).toContain('apt-get install python3-venv');
});

test('what was half installed is installed anew; what is whole is left alone', async () => {
  let installs = 0;
  const installation = {
    parent: directory,
    name: 'thing',
    contents: 'thing==1\n',
    expects: ['program'],
    async install(to: string) {
      installs += 1;
      expect(existsSync(join(to, 'rest'))).toBe(false);
      if (installs === 1) {
        writeFileSync(join(to, 'rest'), '');
        throw new Error('killed in the middle');
      }
      writeFileSync(join(to, 'program'), '');
    },
  };
  await expect(installOnce(installation)).rejects.toThrow('killed');
  const path = await installOnce(installation);
  expect(await installOnce(installation)).toBe(path);
  expect(installs).toBe(2);
  rmSync(join(path, 'program'));
  await installOnce(installation);
  expect(installs).toBe(3);
});

test('a directory in use: one line with who and since when; free again once its holder is killed', async () => {
  const path = join(directory, 'busy', 'lock');
  const script = `import { takeLock } from ${JSON.stringify(new URL('../../../local/tools/lock.ts', import.meta.url).href)};
    await takeLock(${JSON.stringify(path)}, { purpose: 'holding on', waitMs: 0 }); console.log('held'); setInterval(() => {}, 1000);`;
  const holder = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(holder.stdout, 'data');
  const line = await refusal(takeLock(path, { purpose: 'the second', waitMs: 0 }));
  expect(line).toContain(`busy: process ${holder.pid} (holding on, since 2`);
  const said: string[] = [];
  const waiting = takeLock(path, { purpose: 'the second', waitMs: 10_000, onWait: (who) => said.push(who) });
  setTimeout(() => holder.kill('SIGKILL'), 300);
  (await waiting).release();
  expect(said).toHaveLength(1);
});
