import { describe, expect, it } from 'vitest';
import { isOfBothVaults, selectMissing, slotOfClaim } from '../../../core/copy/select-missing.ts';

const POINT = '20261120T020000Z';
const LATER = '20261121T020000Z';
const at = (point: string, file: string) => `catalog/sys/db/${point}/${file}`;
const replicated = [at(POINT, 'manifest.json'), at(POINT, 'replicated-run.json'), at(POINT, 'verified-run.json')];

describe('selectMissing', () => {
  it('finds nothing where both are the same', () => {
    expect(selectMissing(replicated, replicated)).toEqual({ keys: [], unreplicated: [] });
  });

  it('finds what was written after the copy, and the claims and links beside it', () => {
    const after = [
      at(POINT, 'drilled-run.json'),
      at(POINT, 'held-a.json'),
      at(POINT, 'held-a.dsse.json'),
      `runs/sys/db/${POINT}/0001.json`,
      'chain/sys/db/000000001.json',
    ];
    expect(selectMissing([...replicated, ...after], replicated).keys).toEqual(after);
  });

  it('leaves a point that is not replicated to what makes it, and says which, oldest first', () => {
    const fresh = [
      at(LATER, 'manifest.json'),
      at(LATER, 'verified-run.json'),
      at(POINT, 'manifest.json'),
      `runs/sys/db/${LATER}/0001.json`,
    ];
    expect(selectMissing(fresh, [])).toEqual({ keys: [], unreplicated: [POINT, LATER] });
  });

  it('leaves what stands in the catalog under a name that no point has, and is not late for it', () => {
    const planted = [at('99999999T999999Z', 'manifest.json'), at('20261131T020000Z', 'verified-run.json'), at('notes', 'a.json')];
    expect(selectMissing([...replicated, ...planted], replicated)).toEqual({ keys: [], unreplicated: [] });
    for (const key of planted) expect(isOfBothVaults(key)).toBe(false);
  });

  it('lets each vault expire by itself: no tombstone follows, and nothing comes back to where the point has expired', () => {
    const here = [...replicated, at(POINT, 'tombstone-run.json'), at(POINT, 'tombstone-run.dsse.json'), at(POINT, 'drilled-run.json')];
    expect(selectMissing(here, replicated).keys).toEqual([at(POINT, 'drilled-run.json')]);
    expect(selectMissing(here, [at(POINT, 'tombstone-other.json')]).keys).toEqual([]);
    // Expired at home before it was ever replicated: nothing lags.
    expect(selectMissing([at(POINT, 'manifest.json'), at(POINT, 'tombstone-run.json')], []).unreplicated).toEqual([]);
  });

  it('copies no working paper and no note of a failure', () => {
    for (const key of ['data/sys/db/x', 'failures/sys/db/run/dump-1.json', 'retention/sys/db/run.jsonl', at(POINT, 'tombstone-run.json')])
      expect(isOfBothVaults(key), key).toBe(false);
    for (const key of [
      at(POINT, 'manifest.json'),
      'evidence/sys/2026/drill-run.json',
      'evidence/sys/keys/ab.pem',
      'chain/sys/db/000000001.json',
    ])
      expect(isOfBothVaults(key), key).toBe(true);
  });

  it('knows the slot of a claim', () => {
    expect(slotOfClaim(`runs/sys/db/${POINT}/0001.json`)).toBe(POINT);
    expect(slotOfClaim('chain/sys/db/000000001.json')).toBeUndefined();
  });
});
