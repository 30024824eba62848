/** The whole job with a segmented dump: from the first row read to a drill of the copy in the other region. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pointDataPrefix } from '../../core/vault/keys.ts';
import { listPoints, readPoint } from '../../core/vault/read-point.ts';
import type { ExecutionResult } from '../../local/interpreter/execution.ts';
import { deploySystem, type DeployedSystem } from '../helpers/deployed-system.ts';
import { isRunThisTime } from '../helpers/sample-tests.ts';

let system: DeployedSystem;
const succeeded = (end: ExecutionResult) =>
  expect(end.status === 'SUCCEEDED' ? 'SUCCEEDED' : `${end.error}: ${end.cause}`).toBe('SUCCEEDED');

beforeAll(async () => {
  // Tables of more than a megabyte, so that there is something to segment.
  system = await deploySystem((plan) => {
    plan.assets[0]!['dump'] = { format: 'segmented' };
  }, 0.3);
}, 300_000);
afterAll(() => system?.close());

// In one run of two: the main job goes the same way with points of other formats.
describe.runIf(isRunThisTime('a segmented point, end to end', 2))('a segmented point', { timeout: 180_000 }, () => {
  it('is dumped, verified, locked, copied, signed, recorded, and drilled from both vaults', async () => {
    succeeded(await system.run('escrow', {}));
    succeeded(await system.run('backup', { asset: 'postgres' }));
    const [listed] = await listPoints(system.vault, system.plan.system, 'postgres');
    const { point } = listed!;
    const read = async () => (await readPoint(system.vault, system.plan.system, 'postgres', point))!;
    const { manifest, facts } = await read();
    expect(manifest).toMatchObject({ format: 'holdfast/manifest/v2', dump: { format: 'segmented', archive: 'holdfast/archive/v1' } });
    const segments = manifest.objects.flatMap(({ segment }) => (segment ? [segment] : []));
    expect(segments.length).toBeGreaterThan(0);

    const verified = facts.find((fact) => fact.kind === 'verified');
    const rowsOf = (table: string) => verified?.rows.find((counted) => counted.table === table)?.rows;
    for (const { table } of segments)
      expect(rowsOf(table), table).toBe(segments.reduce((sum, segment) => sum + (segment.table === table ? segment.rows : 0), 0));
    // What pg_dump read and what the threads read, together.
    expect(verified!.rows.length).toBeGreaterThan(new Set(segments.map(({ table }) => table)).size);

    const replicated = facts.find((fact) => fact.kind === 'replicated');
    expect(replicated?.objects.map(({ key }) => key)).toEqual(manifest.objects.map(({ key }) => key));
    for (const vault of [system.vault, system.replica]) {
      let objects = 0;
      for await (const { key, versionId } of vault.listVersions(pointDataPrefix(system.plan.system, 'postgres', point))) {
        const days = (((await vault.head({ key, versionId }))?.lockedUntil?.getTime() ?? 0) - Date.now()) / 86_400_000;
        expect(days, `${vault.bucket}/${key}`).toBeGreaterThan(29.9);
        objects += 1;
      }
      expect(objects).toBe(manifest.objects.length);
    }

    succeeded(await system.run('drill', { asset: 'postgres' }));
    succeeded(await system.run('drill', { asset: 'postgres', point, from: 'replica' }, 'replica'));
    const inReplica = (await readPoint(system.replica, system.plan.system, 'postgres', point))!;
    const drills = [...(await read()).facts, ...inReplica.facts].filter((fact) => fact.kind === 'drilled');
    expect(drills.map(({ outcome, from }) => `${outcome} from the ${from}`)).toEqual(
      expect.arrayContaining(['passed from the vault', 'passed from the replica']),
    );
    succeeded(await system.run('restore', { asset: 'postgres', point: 'latest', to: `restored_${system.plan.system}` }));
  });
});
