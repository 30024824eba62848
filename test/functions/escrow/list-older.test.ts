/** Which envelopes of older versions a run opens: an S3 listing is all that it asks for, so here it is a list. */
import { expect, test } from 'vitest';
import { listOlder } from '../../../functions/escrow/list-older.ts';

const VALUES = 150;
const runOf = (day: number) => `202611${String(day).padStart(2, '0')}T000000Z-abcdef`;
const fingerprintOf = (value: number) => value.toString(16).padStart(64, '0');

function makePlace() {
  return {
    keys: Array.from({ length: VALUES }, (_, value) => `ida/wallet/${fingerprintOf(value)}/envelope`),
    async *listVersions() {
      yield* this.keys.map((key) => ({
        key,
        versionId: 'v1',
        isLatest: true,
        isDeleteMarker: false,
        sizeBytes: 1,
        lastModified: new Date(0),
      }));
    },
  };
}

test('values that can no longer be opened at home leave the others their turn', async () => {
  const places = [makePlace(), makePlace()];
  const tried = new Set<string>();
  for (const day of [1, 2, 3]) {
    const run = runOf(day);
    const { envelopes, later } = await listOlder({ run, keys: ['wallet'], opened: [] }, { system: 'ida', keys: {}, places });
    expect({ envelopes: envelopes.length, later }).toEqual({ envelopes: 200, later: 50 });
    for (const { fingerprint, place } of envelopes) {
      tried.add(fingerprint);
      const fact = place === 'vault' ? 'lost' : 'readback';
      places[place === 'vault' ? 0 : 1]?.keys.push(`ida/wallet/${fingerprint}/${fact}-${run}.json`);
    }
  }
  expect(tried.size).toBe(VALUES);
});

test('what both places opened within days is passed over, and what one of them did not is not', async () => {
  const places = [makePlace(), makePlace()];
  for (const [index, day] of [20, 19].entries())
    for (let value = index; value < VALUES; value += 1)
      places[index]?.keys.push(`ida/wallet/${fingerprintOf(value)}/readback-${runOf(day)}.json`);
  const { envelopes, later, recent } = await listOlder(
    { run: runOf(21), keys: ['wallet'], opened: [] },
    { system: 'ida', keys: {}, places },
  );
  expect({ fingerprints: new Set(envelopes.map(({ fingerprint }) => fingerprint)), later, recent }).toEqual({
    fingerprints: new Set([fingerprintOf(0)]),
    later: 0,
    recent: VALUES - 1,
  });
});

test('what was not tried in one of the places for longest is tried first', async () => {
  const places = [makePlace(), makePlace()];
  for (let value = 0; value < VALUES; value += 1)
    for (const [place, day] of [
      [places[0], 3],
      [places[1], value === 140 ? 1 : 2],
    ] as const)
      place?.keys.push(`ida/wallet/${fingerprintOf(value)}/readback-${runOf(day)}.json`);
  const { envelopes } = await listOlder({ run: runOf(12), keys: ['wallet'], opened: [] }, { system: 'ida', keys: {}, places });
  expect(envelopes[0]?.fingerprint).toBe(fingerprintOf(140));
});

test('a value that never came to the second region is not looked for there: a look would call it lost', async () => {
  const places = [makePlace(), makePlace()];
  places[1]!.keys = places[1]!.keys.slice(0, 5);
  const run = runOf(1);
  const { envelopes } = await listOlder({ run, keys: ['wallet'], opened: [] }, { system: 'ida', keys: {}, places });
  const there = envelopes.filter(({ place }) => place === 'replica').map(({ fingerprint }) => fingerprint);
  expect(there.toSorted()).toEqual(Array.from({ length: 5 }, (_, value) => fingerprintOf(value)));
  // Once anything of it is there, an envelope that is missing is found.
  places[1]!.keys.push(`ida/wallet/${fingerprintOf(7)}/version-v1.json`);
  const later = await listOlder({ run: runOf(2), keys: ['wallet'], opened: [] }, { system: 'ida', keys: {}, places });
  expect(later.envelopes).toContainEqual({ key: 'wallet', fingerprint: fingerprintOf(7), run: runOf(2), place: 'replica' });
});
