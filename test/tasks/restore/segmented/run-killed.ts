import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';
import { COMPILE_CACHE } from '../../../../local/processes/compile-cache.ts';
import { rootSettings } from '../../../helpers/servers.ts';
import { searchPath, SYSTEM, type MadePoint } from '../../drill/fixture.ts';
import { loginTo } from '../../dump/ports.ts';
import type { KillPoint, Told } from './killed-restore.ts';
import type { World } from './world.ts';

const script = fileURLToPath(new URL('killed-restore.ts', import.meta.url));

/** Whether it was killed: the place may lie behind its end. */
export async function runKilled({ source }: Pick<World, 'source'>, made: MadePoint, database: string, kill: KillPoint): Promise<boolean> {
  const { asset, point, bucket } = made;
  const home = mkdtempSync(join(tmpdir(), 'holdfast-killed-'));
  const { region, endpointUrl, credentials } = rootSettings();
  const told: Told = {
    order: { system: SYSTEM, asset, point, run: 'killed', database, scratchDir: home, path: searchPath() },
    login: loginTo(source),
    bucket,
    region,
    endpointUrl,
    credentials,
    kill,
  };
  const file = join(home, 'told.json');
  writeFileSync(file, JSON.stringify(told), { mode: 0o600 });
  const env = { PATH: searchPath(), NODE_COMPILE_CACHE: COMPILE_CACHE, NODE_EXTRA_CA_CERTS: inject('emulator').caPath };
  const child = spawn(process.execPath, [script, file], { env, stdio: ['ignore', 'inherit', 'inherit'] });
  const signal = await new Promise<NodeJS.Signals | null>((resolve) => child.once('exit', (_, ended) => resolve(ended)));
  rmSync(home, { recursive: true, force: true });
  return signal === 'SIGKILL';
}
