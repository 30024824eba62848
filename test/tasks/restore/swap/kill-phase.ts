import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';
import type { RestoreTarget, TaskPhase } from '../../../../core/restore/target.ts';
import { COMPILE_CACHE } from '../../../../local/processes/compile-cache.ts';
import { rootSettings } from '../../../helpers/servers.ts';
import { searchPath, SYSTEM, type MadePoint } from '../../drill/fixture.ts';
import { loginTo } from '../../dump/ports.ts';
import type { SwapWorld } from './world.ts';

const script = fileURLToPath(new URL('killed-phase.ts', import.meta.url));

type Kill = { phase: TaskPhase; run: string; of?: string; safety?: string; target: RestoreTarget } & (
  | { afterMilliseconds: number }
  /** Once it tells of this. */
  | { at: string }
);

/** One phase in a process of its own, with SIGKILL some time after it began to work. Whether it was killed: it may have ended. */
export async function killPhase(world: SwapWorld, made: MadePoint, kill: Kill): Promise<boolean> {
  const scratchDir = mkdtempSync(join(tmpdir(), 'holdfast-killed-phase-'));
  const { region, endpointUrl, credentials } = rootSettings();
  const told = {
    order: {
      system: SYSTEM,
      asset: made.asset,
      point: made.point,
      database: world.database,
      scratchDir,
      path: searchPath(),
      of: '',
      safety: '',
      ...kill,
    },
    login: loginTo(world.source),
    bucket: made.bucket,
    region,
    endpointUrl,
    credentials,
  };
  const env = { PATH: searchPath(), NODE_COMPILE_CACHE: COMPILE_CACHE, NODE_EXTRA_CA_CERTS: inject('emulator').caPath };
  const child = spawn(process.execPath, [script], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise<NodeJS.Signals | null>((resolve) => child.once('exit', (_, signal) => resolve(signal)));
  child.stdin.end(JSON.stringify(told));
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const due = 'at' in kill ? hears(child.stdout, kill.at) : sleep(kill.afterMilliseconds);
  child.stdout.resume();
  await Promise.race([due, ended]);
  child.kill('SIGKILL');
  const signal = await ended;
  rmSync(scratchDir, { recursive: true, force: true });
  return signal === 'SIGKILL';
}

const hears = (stdout: Readable, event: string) =>
  new Promise<void>((resolve) => {
    let heard = '';
    stdout.on('data', (chunk: Buffer) => {
      heard += chunk.toString();
      if (heard.includes(event)) resolve();
    });
  });
