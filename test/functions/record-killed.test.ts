/** Runs that are killed between the manifest and the link, or right behind it; two runs of one asset at once. With real processes. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { storedVersions } from '../../adapters/vault/read-records.ts';
import { checkChain } from '../../core/evidence/verify/check-chain.ts';
import { chainPrefix } from '../../core/vault/keys.ts';
import { COMPILE_CACHE } from '../../local/processes/compile-cache.ts';
import { ASSET, HOME, makeVaultWorld, type VaultWorld } from './vault-world.ts';

const isSoak = process.env['HOLDFAST_SOAK'] === '1';
const RECORD = fileURLToPath(new URL('record-process.ts', import.meta.url));

let world: VaultWorld;
beforeAll(async () => {
  world = await makeVaultWorld();
});

/** A run's record step in a process of its own, which is killed as soon as it says `at`. */
function record(point: string, at?: 'before-the-link' | 'behind-the-link'): Promise<{ signal: NodeJS.Signals | null; output: string }> {
  const { endpointUrl, caPath, accessKeyId, secretAccessKey } = inject('emulator');
  const env = {
    PATH: process.env['PATH'],
    NODE_COMPILE_CACHE: COMPILE_CACHE,
    AWS_ENDPOINT_URL: endpointUrl,
    AWS_REGION: HOME,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    NODE_EXTRA_CA_CERTS: caPath,
    PAUSE_AT: at ?? '',
  };
  const child = spawn(process.execPath, [RECORD, world.vaultBucket, world.system, ASSET, point], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    if (at !== undefined && output.includes(at)) child.kill('SIGKILL');
  });
  return new Promise((resolve) => child.on('close', (_code, signal) => resolve({ signal, output })));
}

async function chain() {
  const stored = await storedVersions(world.vault, chainPrefix(world.system, ASSET));
  const bodies = await Promise.all(stored.map(async (version) => (await world.vault.get(version))!.body));
  const problems: string[] = [];
  const links = bodies.map((body, index) => ({ number: index + 1, body, signature: 'unsigned' as const }));
  const checked = checkChain({ system: world.system, asset: ASSET }, links, (kind, key) => problems.push(`${kind} ${key}`));
  return { problems, points: [...checked.byPoint.keys()], versions: stored.length };
}

describe('a run that was killed', () => {
  it('before its link is linked by the next run, in order', async () => {
    const [left, own] = ['20261101T020000Z', '20261102T020000Z'] as const;
    await world.putPoint(left);
    expect((await record(left, 'before-the-link')).signal).toBe('SIGKILL');
    expect((await chain()).points).toEqual([]);
    await world.putPoint(own);
    expect((await record(own)).output).toMatch(/000000002\.json/);
    expect(await chain()).toEqual({ problems: [], points: [left, own], versions: 2 });
  });

  it('right behind its link is linked once, by whoever finishes the point and by the next run', async () => {
    const [left, own] = ['20261103T020000Z', '20261104T020000Z'] as const;
    await world.putPoint(left);
    expect((await record(left, 'behind-the-link')).signal).toBe('SIGKILL');
    await world.putPoint(own);
    await Promise.all([record(left), record(own)]);
    const { problems, points, versions } = await chain();
    expect([problems, points.slice(-2), versions]).toEqual([[], [left, own], 4]);
  });
});

describe('two runs of one asset at once', () => {
  it('both end linked, each point once, however they meet', async () => {
    for (const day of isSoak ? ['05', '06', '07'] : ['05']) {
      const both = [`202611${day}T020000Z`, `202611${day}T030000Z`];
      for (const point of both) await world.putPoint(point);
      const before = (await chain()).versions;
      const ends = await Promise.all(both.map((point) => record(point)));
      expect(new Set(ends.map(({ output }) => output)).size).toBe(2);
      const { problems, points, versions } = await chain();
      expect([problems, points.slice(before).toSorted(), versions]).toEqual([[], both, before + 2]);
    }
  });

  it('both end linked when one of them is killed with the other at work', async () => {
    const [killed, other] = ['20261108T020000Z', '20261108T030000Z'] as const;
    for (const point of [killed, other]) await world.putPoint(point);
    await Promise.all([record(killed, 'before-the-link'), record(other)]);
    const { problems, points } = await chain();
    expect([problems, points.slice(-2)]).toEqual([[], [killed, other]]);
  });
});
