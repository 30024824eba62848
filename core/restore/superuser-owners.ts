/** What of an archive only a superuser may own, and often only a superuser may make. Pure. */
import type { ArchiveEntry } from '../archive/toc.ts';

const KINDS = ['EVENT TRIGGER', 'FOREIGN DATA WRAPPER', 'SUBSCRIPTION'];
const ALL_TABLES = / FOR ALL (?:TABLES|SEQUENCES)\b/;

/** @param of an entry of the archive, or as much as a script says of it */
export const isOfSuperusers = ({ kind, definition }: Pick<ArchiveEntry, 'kind' | 'definition'>): boolean =>
  KINDS.includes(kind ?? '') || (kind === 'PUBLICATION' && ALL_TABLES.test(definition ?? ''));

/** Names of their owners, each once. */
export const findSuperuserOwners = (entries: readonly ArchiveEntry[]): string[] =>
  [...new Set(entries.filter(isOfSuperusers).flatMap(({ owner }) => (owner ? [owner] : [])))].toSorted();
