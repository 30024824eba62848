/** The real listing and decision over a catalog that is computed: a sample in every run, 1,000,000 points in the soak. */
import { describe, expect, it } from 'vitest';
import { CATALOGS, measureCatalog } from '../../bench/retention/measure-retention.ts';
import { decideCatalog } from '../../bench/retention/decide-catalog.ts';

const isSoak = process.env['HOLDFAST_SOAK'] === '1';
const SOAK_TIMEOUT_MS = 600_000;
const MOST_MIB = 512;

describe('deciding about a whole catalog', () => {
  it('lists it once, and reads what the decision is about alone', async () => {
    const { assets, points, expires, lists, gets } = await decideCatalog({ systems: 2, assetsOfSystem: 3, pointsOfAsset: 800 });
    expect({ assets, points, expires }).toEqual({ assets: 6, points: 4800, expires: 6 * 3 });
    // For each asset five pages, and the folders of the systems and of the assets.
    expect(lists).toBe(6 * 5 + 3);
    // Four that expire but for the first of the month, the newest point, and two that are proven.
    expect(gets).toBeLessThanOrEqual(6 * 7 * 4);
  });

  it.runIf(isSoak)(
    'takes at most 11 times as long for 10 times as many points, within 512 MB, and 5,000 assets in one run',
    async () => {
      const measured = new Map<string, Awaited<ReturnType<typeof measureCatalog>>>();
      for (const [name, size] of Object.entries(CATALOGS)) {
        const one = await measureCatalog(size);
        const { points, assets, expires, lists, gets, usd, seconds, cpuSeconds, peakMemoryMiB } = one;
        process.stdout.write(
          `${points} points of ${assets} assets: ${seconds.toFixed(1)} s (CPU ${cpuSeconds.toFixed(1)} s), ${peakMemoryMiB.toFixed(0)} MiB, ${expires} expire, ${lists} listings, ${gets} reads, $${usd.toFixed(3)}\n`,
        );
        measured.set(name, one);
        expect(peakMemoryMiB).toBeLessThan(MOST_MIB);
        expect(points).toBe(size.systems * size.assetsOfSystem * size.pointsOfAsset);
      }
      // CPU seconds: what else the machine does is not counted.
      const [small, large] = ['100,000 points of 200 assets', '1,000,000 points of 200 assets'].map((name) => measured.get(name)!);
      expect(large!.cpuSeconds / small!.cpuSeconds).toBeLessThanOrEqual(11);
      expect(measured.get('100,000 points of 5,000 assets')).toMatchObject({ assets: 5000 });
    },
    SOAK_TIMEOUT_MS,
  );
});
