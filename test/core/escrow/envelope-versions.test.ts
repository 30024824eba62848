import { describe, expect, test } from 'vitest';
import { selectEnvelopeVersion } from '../../../core/escrow/envelope-versions.ts';
import type { ListedVersion } from '../../../core/ports/object-store.ts';

const KEY = 'ida/wallet-key/ab/envelope';
const version = (versionId: string, second: number, over: Partial<ListedVersion> = {}): ListedVersion => ({
  key: KEY,
  versionId,
  sizeBytes: 1,
  lastModified: new Date(second * 1000),
  isLatest: false,
  isDeleteMarker: false,
  ...over,
});

describe('the version of an envelope that counts', () => {
  test.each<[string, ListedVersion[], ReturnType<typeof selectEnvelopeVersion>]>([
    ['none', [], undefined],
    ['the only one', [version('a', 1)], { versionId: 'a', strays: 0, sizeBytes: 1 }],
    ['the first of two', [version('b', 2), version('a', 1)], { versionId: 'a', strays: 1, sizeBytes: 1 }],
    ['the last listed of two in one second', [version('b', 1), version('a', 1)], { versionId: 'a', strays: 1, sizeBytes: 1 }],
    [
      'the one behind a delete marker',
      [version('a', 1), version('d', 2, { isDeleteMarker: true })],
      { versionId: 'a', strays: 1, sizeBytes: 1 },
    ],
    ['none behind a lone delete marker', [version('d', 2, { isDeleteMarker: true })], undefined],
    ['not one of a longer key', [version('x', 0, { key: `${KEY}-2` }), version('a', 1)], { versionId: 'a', strays: 0, sizeBytes: 1 }],
  ])('is %s', (_, listed, expected) => {
    expect(selectEnvelopeVersion(listed, KEY)).toEqual(expected);
  });
});
