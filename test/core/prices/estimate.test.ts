import { describe, expect, it } from 'vitest';
import {
  ASSUMED,
  DEPLOYED_STORAGE_GIB,
  LARGEST_STORAGE_GIB,
  priceHoldfast,
  priceHost,
  priceSnapshots,
  priceWays,
} from '../../../core/prices/estimate.ts';
import { PRICES, unconfirmed } from '../../../core/prices/price-table.ts';

const of = (way: ReturnType<typeof priceHoldfast>, what: string) => way.lines.find((line) => line.what === what)?.usd;

describe('the list prices', () => {
  it('each name a page of AWS, and where they were found again, if anywhere', () => {
    for (const price of Object.values(PRICES)) {
      expect(price.page).toMatch(/^https:\/\/aws\.amazon\.com\/[a-z0-9/-]+\/pricing\//);
      expect(price.usd).toBeGreaterThan(0);
      if ('confirmed' in price) expect(price.confirmed).toMatch(/^(copy of the page|third party, \d{4}-\d{2})$/);
    }
    expect(unconfirmed()).toContain('secretMonth');
    expect(unconfirmed()).not.toContain('transition');
  });
});

describe('the estimate', () => {
  it('adds up', () => {
    for (const gb of [10, 100, 1000])
      for (const way of priceWays(gb))
        expect(way.totalUsd).toBeCloseTo(
          way.lines.reduce((sum, { usd }) => sum + usd, 0),
          6,
        );
  });

  it('counts what stands there all month, keys and endpoints included, whatever the size', () => {
    const [small, large] = [priceHoldfast(10), priceHoldfast(1000)];
    expect(of(small, 'KMS keys')).toBeCloseTo(8, 1);
    // Six endpoints at home and five in the second region, in two zones for 730 hours at a cent, and the images that come through them.
    expect(of(small, 'interface endpoints')).toBeCloseTo(160.6, 1);
    expect(of(large, 'KMS keys')).toBe(of(small, 'KMS keys'));
  });

  it('has no endpoints where the network is there already', () => {
    expect(of(priceHoldfast(10, 'existing'), 'interface endpoints')).toBeUndefined();
    expect(priceHoldfast(10, 'existing').totalUsd).toBeLessThan(priceHoldfast(10).totalUsd - 80);
  });

  it('has storage and transfer that grow with the size, for what is stored rather than for the database', () => {
    expect(of(priceHoldfast(100), 'storage, both regions')).toBeCloseTo(2 * 100 * ASSUMED.storedShare * 0.023, 6);
    expect(of(priceHoldfast(1000), 'transfer to the other region')).toBeCloseTo(
      10 * (of(priceHoldfast(100), 'transfer to the other region') ?? 0),
      6,
    );
    expect(of(priceSnapshots(100), 'storage, both regions')).toBeCloseTo(19, 6);
  });

  it('prices no drill that no task could hold, and says so', () => {
    expect(of(priceHoldfast(100), 'drill')).toBeGreaterThan(0);
    expect(priceHoldfast(10).notes).toEqual([]);
    expect(priceHoldfast(100).notes.join()).toContain(`${DEPLOYED_STORAGE_GIB} GiB`);
    const large = priceHoldfast(1000);
    expect(of(large, 'drill')).toBeUndefined();
    expect(large.notes.join()).toContain(`${LARGEST_STORAGE_GIB} GiB`);
  });

  it('lets a host cost what a host costs', () => expect(of(priceHost(10), 'host')).toBeCloseTo(0.0816 * 730, 6));
});
