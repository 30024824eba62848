import { expect, it } from 'vitest';
import { restoredBytes } from '../../../core/vault/restored-bytes.ts';
import { StoredObject } from '../../../core/vault/manifest.ts';

it('what is restored of a point is its archive: neither the schema beside it, its contents nor its roles', () => {
  const roles = StoredObject.shape.role.options;
  const objects = roles.map((role, i) => ({ role, sizeBytes: 10 ** i })) as unknown as StoredObject[];
  const counted = roles.filter((_, i) => Math.floor(restoredBytes({ objects }) / 10 ** i) % 10 === 1);
  expect(counted.toSorted()).toEqual(['dump', 'rest', 'segment']);
});
