/** Which objects of a point hold what is restored; beside them are its roles, its table of contents and a schema for people. */
import type { Manifest, StoredObject } from './manifest.ts';

const DATA_ROLES: readonly StoredObject['role'][] = ['dump', 'rest', 'segment'];

export const isDump = ({ role }: Pick<StoredObject, 'role'>): boolean => DATA_ROLES.includes(role);

export const restoredBytes = ({ objects }: Pick<Manifest, 'objects'>): number =>
  objects.filter(isDump).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
