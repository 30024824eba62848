import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { announceLocalSystem } from '../../cli/local-system.ts';
import { HOME, makeWorld } from './world.ts';
import type { World } from './world.ts';
import { emulatorEnvironment, holdfastHere } from './run-holdfast.ts';

const IDA = fileURLToPath(new URL('../../plans/ida.yaml', import.meta.url));
const ADVICE = 'Start one in another terminal with `npm run demo -- --keep`';

/** A checkout with plans to choose from, none of which is the running system's. */
const directory = mkdtempSync(join(tmpdir(), 'holdfast-local-'));
const localDirectory = join(directory, '.holdfast');
let world: World;
const local = (...words: string[]) => holdfastHere([...words, '--local'], { directory, localDirectory });

beforeAll(async () => {
  mkdirSync(join(directory, 'plans'));
  for (const name of ['one.yaml', 'two.yaml']) writeFileSync(join(directory, 'plans', name), '');
  world = await makeWorld();
});
afterAll(() => {
  world.remove();
  rmSync(directory, { recursive: true });
});

test('where nothing runs, the way to start a system here is told, whether or not a plan is named', async () => {
  for (const words of [['list'], ['list', '--plan', IDA]]) {
    const { code, stderr } = await local(...words);
    expect(code).toBe(66);
    expect(stderr).toContain(ADVICE);
    expect(stderr).not.toContain('cdk deploy');
  }
});

test('the plan of the system that runs here is the one that counts when none is named', async () => {
  const { endpointUrl, caPath, accountId, accessKeyId, secretAccessKey } = inject('emulator');
  const { binDir, major } = inject('postgres');
  const withdraw = announceLocalSystem(localDirectory, {
    pid: process.pid,
    system: world.system,
    planPath: world.plan,
    place: { endpointUrl, caPath, accountId, accessKeyId, secretAccessKey, region: HOME },
    programs: { binDir, major, version: String(major), origin: 'machine' },
    databaseCaPath: caPath,
    executionsTls: { certPath: caPath, keyPath: caPath },
  });
  try {
    const { code, stdout, stderr } = await local('list', '--output', 'json');
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject({ system: world.system });

    // Nothing asks for AWS, and there are several plans: the system that runs is the only one that can be meant.
    const meant = await holdfastHere(['list', '--output', 'json'], { directory, localDirectory });
    expect([meant.code, JSON.parse(meant.stdout)]).toMatchObject([0, { system: world.system }]);
    const onAws = await holdfastHere(['list'], { directory, localDirectory, environment: { AWS_PROFILE: 'x' } });
    expect([onAws.code, onAws.stderr]).toEqual([64, expect.stringContaining('No plan was named, and plans/ holds 2') as string]);
    // A login in the environment, which somebody may have forgotten, is what keeps the system that runs here from being meant.
    const said = (name: string) => `${name} in the environment asks for AWS: --local means ${world.system}, which runs on this machine`;
    expect(onAws.stderr).toContain(said('AWS_PROFILE'));
    const environment = emulatorEnvironment();
    const named = await holdfastHere(['list', '--plan', world.plan], { directory, localDirectory, environment });
    expect(named.stderr).toContain(said('AWS_ACCESS_KEY_ID'));
    for (const words of [['--local'], ['--plan', IDA]])
      expect((await holdfastHere(['list', ...words], { directory, localDirectory, environment })).stderr).not.toContain('--local means');

    const other = await local('list', '--plan', IDA);
    expect(other.code).toBe(66);
    expect(other.stderr).toContain(`ida does not run on this machine: ${world.system} does`);
    expect(other.stderr).toContain(`--plan ${world.plan}`);
  } finally {
    withdraw();
  }
  expect((await local('list')).stderr).toContain(ADVICE);
});
