/** Points that somebody deleted past every lock: a machine that is started in the console says what the command line does. */
import { beforeAll, expect, it } from 'vitest';
import { sha256Of } from '../../core/record/link.ts';
import { NO_NEEDS } from '../../core/restore/key-needs.ts';
import { adviseLost, explainLost } from '../../core/vault/explain-lost.ts';
import { chainKey, factKey } from '../../core/vault/keys.ts';
import { choosePoint } from '../../functions/drill/choose-point.ts';
import { checkRequest } from '../../functions/restore/check-request.ts';
import { ASSET, makeVaultWorld, type VaultWorld } from './vault-world.ts';

const REQUEST = { execution: 'arn:e', startedAt: '2026-06-05T04:00:00Z' };
/** Of the one a record is left, of the other its link alone. */
const [LEFT, LINKED, EXPIRED] = ['20260602T020000Z', '20260603T020000Z', '20260601T020000Z'];

let world: VaultWorld;
beforeAll(async () => {
  world = await makeVaultWorld();
  const { system, vault } = world;
  await vault.putOnce(factKey(system, ASSET, LEFT, 'verified', 'run'), '{}');
  await vault.putOnce(factKey(system, ASSET, EXPIRED, 'tombstone', 'run'), '{}');
  const link = { format: 'holdfast/link/v2', system, asset: ASSET, records: [] };
  const hashes = { manifestSha256: 'ab'.repeat(32), previousSha256: '00'.repeat(32) };
  for (const [index, point] of [EXPIRED, LEFT, LINKED].entries())
    await vault.putOnce(chainKey(system, ASSET, index + 1), JSON.stringify({ ...link, link: index + 1, point, ...hashes }));
});

const ports = () => ({
  system: world.system,
  assets: [ASSET],
  vault: world.vault,
  escrow: world.vault,
  needs: NO_NEEDS,
  from: 'vault' as const,
});
async function said(point?: string): Promise<string[]> {
  const input = { asset: ASSET, ...(point === undefined ? {} : { point }) };
  const drill = await choosePoint({ input, ...REQUEST }, ports());
  const restore = await checkRequest({ input: { ...input, point: point ?? 'latest' }, ...REQUEST }, ports());
  return [drill.found ? 'found' : drill.reason, restore.accepted ? 'accepted' : restore.message];
}
const words = (point: string) => {
  const lost = { point, isElsewhere: undefined };
  return [explainLost(ASSET, lost, 'vault'), adviseLost(ASSET, lost, 'vault')];
};

it('are said to be lost, each in the words of the command line, and not that there never was one', async () => {
  for (const point of [LEFT, LINKED])
    for (const text of await said(point)) for (const sentence of words(point)) expect(text).toContain(sentence);
  for (const text of await said()) {
    for (const sentence of [...words(LINKED), '1 more are lost']) expect(text).toContain(sentence);
    expect(text).not.toContain('yet');
  }
});

it('are neither one that expired nor one that never was', async () => {
  for (const point of [EXPIRED, '20260604T020000Z']) for (const text of await said(point)) expect(text).not.toContain('is lost');
});

it('of which one stands beside a tombstone that nobody vouches for: it is not said to have expired', async () => {
  const point = '20260605T020000Z';
  const { system, vault } = world;
  const manifest = await world.putPoint(point);
  const manifestSha256 = sha256Of(Buffer.from(JSON.stringify(manifest)));
  const tombstone = {
    format: 'holdfast/fact/v1',
    system,
    asset: ASSET,
    point,
    id: 'run',
    at: '2026-06-05T03:00:00.000Z',
    kind: 'tombstone',
  };
  const fact = { ...tombstone, manifestSha256, reasons: ['old'], objects: 1 };
  await vault.putOnce(factKey(system, ASSET, point, 'tombstone', 'run'), JSON.stringify(fact));
  for (const text of await said(point)) {
    expect(text).toContain(`${point} has a tombstone, and its manifest is still there`);
    expect(text).not.toContain('has expired');
    expect(text).not.toContain('is lost');
  }
});
