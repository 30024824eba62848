import { beforeAll, describe, expect, it } from 'vitest';
import { storedVersions } from '../../adapters/vault/read-records.ts';
import type { PointMeasure } from '../../core/record/measure-point.ts';
import { checkChain } from '../../core/evidence/verify/check-chain.ts';
import { Link, sha256Of } from '../../core/record/link.ts';
import { chainKey, chainPrefix, manifestKey } from '../../core/vault/keys.ts';
import { PointRecordDamaged } from '../../core/vault/record-errors.ts';
import { recordPoint, type RecordPorts } from '../../functions/record/record-point.ts';
import { ASSET, makeVaultWorld, type VaultWorld } from './vault-world.ts';
import { parseJson } from '../../core/parse-json.ts';

let world: VaultWorld;
let published: { dimensions: object; measures: readonly PointMeasure[] }[];

const HOUR_SECONDS = 3600;
const ports = (over: Partial<RecordPorts> = {}): RecordPorts => ({
  vault: world.vault,
  publish: (dimensions, measures) => published.push({ dimensions, measures }),
  now: () => new Date(),
  longestRuns: { [ASSET]: HOUR_SECONDS },
  ...over,
});
const ask = (point: string) => ({ system: world.system, asset: ASSET, slot: point, point, claim: 1, run: '20261120T030000Z-abcdef' });
const points = (count: number, day = 20) => Array.from({ length: count }, (_, i) => `202611${day}T02${String(i).padStart(2, '0')}00Z`);

/** The chain as it stands, held to its rules against the manifests as they stand. */
async function readChain() {
  const versions = await storedVersions(world.vault, chainPrefix(world.system, ASSET));
  const bodies = await Promise.all(versions.map(async (version) => Buffer.from((await world.vault.get(version))?.body ?? [])));
  const links = bodies.map((body) => Link.parse(parseJson(body)));
  const problems: string[] = [];
  const stored = bodies.map((body, index) => ({ number: index + 1, body, signature: 'unsigned' as const }));
  checkChain({ system: world.system, asset: ASSET }, stored, (kind, key, text) => problems.push(`${kind} ${key} ${text}`));
  for (const { point, manifestSha256 } of links) {
    const manifest = (await world.vault.get({ key: manifestKey(world.system, ASSET, point) }))!;
    if (sha256Of(manifest.body) !== manifestSha256) problems.push(`the manifest of ${point} is another one`);
  }
  return { links, problems };
}

beforeAll(async () => {
  world = await makeVaultWorld();
  published = [];
});

describe('recordPoint', () => {
  it('begins a chain, and says what the run was like', async () => {
    await world.putPoint('20261119T020000Z');
    const { link } = await recordPoint(ask('20261119T020000Z'), ports());
    expect(link).toBe(chainKey(world.system, ASSET, 1));
    const { links, problems } = await readChain();
    expect(problems).toEqual([]);
    expect(links).toMatchObject([{ link: 1, point: '20261119T020000Z', previousSha256: '0'.repeat(64) }]);
    expect(published[0]?.dimensions).toEqual({ system: world.system, asset: ASSET });
    const measured = new Map(published[0]?.measures.map(({ name, value }) => [name, value]));
    expect(measured.get('PointBytes')).toBe('dump of 20261119T020000Z'.length);
    expect(measured.get('DumpSeconds')).toBe(60);
    expect(measured.get('DataPointAgeSeconds')).toBeGreaterThanOrEqual(59);
  });

  it('links each of five runs at once, each once', async () => {
    const at = points(5);
    for (const point of at) await world.putPoint(point);
    const answers = await Promise.all(at.map((point) => recordPoint(ask(point), ports())));
    const { links, problems } = await readChain();
    expect(problems).toEqual([]);
    expect(links.map((link) => link.point)).toEqual(['20261119T020000Z', ...at]);
    expect(new Set(answers.map((answer) => answer.link)).size).toBe(5);
    for (const [index, point] of at.entries())
      expect(links.find((link) => chainKey(world.system, ASSET, link.link) === answers[index]?.link)?.point).toBe(point);
  });

  it('links a point whose run died before it could, and is done once', async () => {
    const [left, own] = points(2, 21) as [string, string];
    await world.putPoint(left);
    await world.putPoint(own);
    const first = await recordPoint(ask(own), ports());
    const again = await recordPoint(ask(own), ports());
    expect(again.link).toBe(first.link);
    // What it repaired is signed as well.
    const manifest = manifestKey(world.system, ASSET, own);
    const repaired = chainKey(world.system, ASSET, 7);
    expect([first.sign, again.sign]).toEqual([
      [manifest, first.link, repaired],
      [manifest, first.link],
    ]);
    const { links, problems } = await readChain();
    expect(problems).toEqual([]);
    expect(links.slice(-2).map((link) => link.point)).toEqual([left, own]);
  });

  it('counts a point as new within the longest run from its data point, and not when it is finished later', async () => {
    const [point] = points(1, 18) as [string];
    const { consistentAt } = await world.putPoint(point);
    const countedAfter = async (seconds: number, longestRuns: Record<string, number> = { [ASSET]: HOUR_SECONDS }) => {
      const now = () => new Date(Date.parse(consistentAt) + seconds * 1000);
      await recordPoint(ask(point), ports({ now, longestRuns }));
      return published.at(-1)?.measures.find(({ name }) => name === 'PointCommitted')?.value;
    };
    expect(await countedAfter(60)).toBe(1);
    expect(await countedAfter(HOUR_SECONDS)).toBe(1);
    expect(await countedAfter(HOUR_SECONDS + 1)).toBe(0);
    expect(await countedAfter(30 * 24 * HOUR_SECONDS)).toBe(0);
    expect(await countedAfter(60, {})).toBe(0);
  });

  it('does not build on a link that is none', async () => {
    const [own] = points(1, 22) as [string];
    await world.putPoint(own);
    const { links } = await readChain();
    await world.vault.putOnce(chainKey(world.system, ASSET, links.length + 1), '{"link":"?"}');
    await expect(recordPoint(ask(own), ports())).rejects.toThrow(PointRecordDamaged);
  });
});
