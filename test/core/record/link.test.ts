import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { POINTS_LOOKED_BACK, selectCandidates, selectLinksToRead, selectUnlinked } from '../../../core/record/select-unlinked.ts';
import { scheduledSlotId } from '../../../core/vault/ids.ts';

const pointAt = (n: number) => scheduledSlotId(new Date(Date.UTC(2026, 0, 1) + n * 3_600_000));

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
