import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextLink, sha256Of, verifyChain } from '../../../core/record/link.ts';
import { POINTS_LOOKED_BACK, selectCandidates, selectLinksToRead, selectUnlinked } from '../../../core/record/select-unlinked.ts';
import { scheduledSlotId } from '../../../core/vault/ids.ts';

const pointAt = (n: number) => scheduledSlotId(new Date(Date.UTC(2026, 0, 1) + n * 3_600_000));
const hashOf = (point: string) => sha256Of(Buffer.from(`manifest of ${point}`));

function chainOf(points: readonly string[]): Uint8Array[] {
  const chain: Uint8Array[] = [];
  for (const point of points) {
    const body = chain.at(-1);
    const link = nextLink(body && { link: chain.length, body }, { system: 'ida', asset: 'main', point, manifestSha256: hashOf(point) });
    chain.push(Buffer.from(JSON.stringify(link)));
  }
  return chain;
}

describe('verifyChain', () => {
  it('finds nothing wrong with a chain of any length, in any order of points', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(5000), { maxLength: 30 }), (ns) => verifyChain(chainOf(ns.map(pointAt)), hashOf).length === 0),
    );
  });

  it('finds a link that was changed, taken out, put in or put elsewhere', () => {
    const shape = fc.record({
      ns: fc.uniqueArray(fc.nat(5000), { minLength: 3, maxLength: 12 }),
      at: fc.nat(),
      how: fc.constantFrom('change', 'remove', 'insert', 'swap'),
    });
    fc.assert(
      fc.property(shape, ({ ns, at, how }) => {
        const chain = chainOf(ns.map(pointAt));
        // The last link has no successor that would miss it; the next link, or the manifests, tell of that one.
        const index = at % (chain.length - 1);
        if (how === 'change') chain[index] = Buffer.from(Buffer.from(chain[index]!).toString().replace('"asset":"main"', '"asset":"mine"'));
        if (how === 'remove') chain.splice(index, 1);
        if (how === 'insert') chain.splice(index, 0, chain[index]!);
        if (how === 'swap') [chain[index], chain[index + 1]] = [chain[index + 1]!, chain[index]!];
        return verifyChain(chain, hashOf).length > 0;
      }),
    );
  });

  it('finds a manifest that was put over, and passes one that expired', () => {
    const chain = chainOf([pointAt(1), pointAt(2)]);
    expect(verifyChain(chain, (point) => (point === pointAt(1) ? hashOf('another') : hashOf(point)))).toHaveLength(1);
    expect(verifyChain(chain, () => undefined)).toEqual([]);
  });
});

describe('what is to be linked', () => {
  it('is among the newest points, the own one always, and never one that has a link', () => {
    const shape = fc.record({
      ns: fc.uniqueArray(fc.nat(2000), { maxLength: 100 }),
      own: fc.nat(2000),
      linked: fc.uniqueArray(fc.nat(2000)),
    });
    fc.assert(
      fc.property(shape, ({ ns, own, linked }) => {
        const points = ns.map(pointAt);
        const candidates = selectCandidates(points, pointAt(own));
        const unlinked = selectUnlinked(candidates, new Set(linked.map(pointAt)));
        expect(candidates).toContain(pointAt(own));
        expect(candidates.length).toBeLessThanOrEqual(POINTS_LOOKED_BACK + 1);
        expect(candidates).toEqual(candidates.toSorted());
        expect(unlinked).toEqual(candidates.filter((point) => !linked.some((n) => pointAt(n) === point)));
      }),
    );
  });

  it('never needs a link that is older than the slots looked at', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(3000), { minLength: 1, maxLength: 60 }), fc.nat(3_000_000), (ns, delayMilliseconds) => {
        const candidates = selectCandidates(ns.map(pointAt), pointAt(ns[0]!));
        // Each point was linked some time after its slot.
        const links = ns.map((n) => ({
          point: pointAt(n),
          lastModified: new Date(Date.UTC(2026, 0, 1) + n * 3_600_000 + delayMilliseconds),
        }));
        const read = new Set(selectLinksToRead(links, candidates).map((link) => link.point));
        return candidates.every((point) => read.has(point));
      }),
    );
  });
});
