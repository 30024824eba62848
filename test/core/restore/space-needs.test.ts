import { expect, it } from 'vitest';
import { decideSpace } from '../../../core/restore/space-needs.ts';

const GIB = 1024 ** 3;
const of = {
  volumeGiB: 10,
  target: 'in-place',
  schemaOnly: false,
  restoredBytes: 3 * GIB,
  replacedBytes: 4 * GIB,
  usedBytes: 8 * GIB,
} as const;

it('counts what is dropped first as room, and nothing else', () => {
  expect(decideSpace(of)).toEqual({ neededBytes: 3 * GIB, freeBytes: 2 * GIB });
  expect(decideSpace({ ...of, target: 'clean-replay' })).toEqual({ neededBytes: 3 * GIB, freeBytes: 2 * GIB });
  expect(decideSpace({ ...of, target: 'drop-and-create' })).toEqual({ neededBytes: 3 * GIB, freeBytes: 6 * GIB });
  expect(decideSpace({ ...of, usedBytes: 20 * GIB })?.freeBytes).toBe(0);
});

it('says nothing where nobody can', () => {
  expect(decideSpace({ ...of, volumeGiB: undefined })).toBeUndefined();
  expect(decideSpace({ ...of, schemaOnly: true })).toBeUndefined();
});
