/** Which envelopes of older versions a run opens: an S3 listing is all that it asks for, so here it is a list. */
import { expect, test } from 'vitest';
import { listOlder } from '../../../functions/escrow/list-older.ts';

const VALUES = 150;
const KEYS_ID = '0123456789abcdef';
const portsOf = (places: ReturnType<typeof makePlace>[], keysId: string | undefined = KEYS_ID) => ({
  system: 'ida',
  keys: {},
  places,
  keysId: () => Promise.resolve(keysId),
});
const runOf = (day: number) => `202611${String(day).padStart(2, '0')}T000000Z-abcdef`;
const fingerprintOf = (value: number) => value.toString(16).padStart(64, '0');

function makePlace() {
  return {
    keys: Array.from({ length: VALUES }, (_, value) => `ida/wallet/${fingerprintOf(value)}/envelope-${KEYS_ID}`),
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
    const { envelopes, later } = await listOlder({ run, keys: ['wallet'], opened: [] }, portsOf(places));
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
  const { envelopes, later, recent } = await listOlder({ run: runOf(21), keys: ['wallet'], opened: [] }, portsOf(places));
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
  const { envelopes } = await listOlder({ run: runOf(12), keys: ['wallet'], opened: [] }, portsOf(places));
  expect(envelopes[0]?.fingerprint).toBe(fingerprintOf(140));
});

test('a value that stands in one region only is copied to the other first, and is not tried again before the others', async () => {
  const places = [makePlace(), makePlace()];
  places[1]!.keys = places[1]!.keys.slice(0, 120);
  const tried = new Set<string>();
  for (const day of [1, 2]) {
    const { envelopes } = await listOlder({ run: runOf(day), keys: ['wallet'], opened: [] }, portsOf(places));
    for (const { fingerprint, place, copy } of envelopes) {
      const isLacking = place === 'replica' && Number.parseInt(fingerprint, 16) >= 120;
      expect(copy).toBe(isLacking ? true : undefined);
      tried.add(`${fingerprint} ${place}`);
      // What cannot be copied leaves nothing there.
      if (!copy) places[place === 'vault' ? 0 : 1]?.keys.push(`ida/wallet/${fingerprint}/readback-${runOf(day)}.json`);
    }
  }
  expect(tried.size).toBe(2 * VALUES);
});

test('an envelope that was opened in a region and is gone from it is looked for there, and brought back by the run after that', async () => {
  const places = [makePlace(), makePlace()];
  const fingerprint = fingerprintOf(7);
  const folder = `ida/wallet/${fingerprint}`;
  places[1]!.keys = [...places[1]!.keys.filter((key) => !key.startsWith(folder)), `${folder}/readback-${runOf(1)}.json`];
  const there = async (day: number) => {
    const { envelopes } = await listOlder({ run: runOf(day), keys: ['wallet'], opened: [] }, portsOf(places));
    return envelopes.find((one) => one.fingerprint === fingerprint && one.place === 'replica');
  };
  const look = { key: 'wallet', fingerprint, place: 'replica' };
  expect(await there(2)).toEqual({ ...look, run: runOf(2) });
  places[1]!.keys.push(`${folder}/lost-${runOf(2)}.json`);
  expect(await there(3)).toEqual({ ...look, run: runOf(3), copy: true });
});

test('what other keys have sealed is opened by every run, and so is all when nobody can say which keys seal', async () => {
  const places = [makePlace(), makePlace()];
  for (let value = 0; value < VALUES; value += 1)
    for (const place of places) place.keys.push(`ida/wallet/${fingerprintOf(value)}/readback-${runOf(20)}.json`);
  const request = { run: runOf(21), keys: ['wallet'], opened: [] };
  expect(await listOlder(request, portsOf(places))).toEqual({ envelopes: [], later: 0, recent: VALUES });
  for (const place of places) place.keys.push(`ida/wallet/${fingerprintOf(3)}/envelope-${'f'.repeat(16)}-${runOf(19)}`);
  const moved = await listOlder(request, portsOf(places, 'f'.repeat(16)));
  expect({ opened: moved.envelopes.length, later: moved.later, recent: moved.recent }).toEqual({ opened: 200, later: 49, recent: 1 });
  expect(moved.envelopes.map(({ fingerprint }) => fingerprint)).not.toContain(fingerprintOf(3));
  const unknown = { ...portsOf(places), keysId: () => Promise.resolve(undefined) };
  expect(await listOlder(request, unknown)).toMatchObject({ later: 50, recent: 0 });
});
