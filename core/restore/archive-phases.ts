/**
 * When each entry of an archive is restored: before the rows, as rows, or after them. As pg_restore would have it in one run: what is
 * granted comes after the rows, for a table's own owner may be one of those who must not write to it any more.
 */
import { SECTION, type ArchiveEntry } from '../archive/toc.ts';

export type ArchivePhases = {
  /** Dump ids, in the order of the archive. */
  before: number[];
  rows: ArchiveEntry[];
  after: number[];
};

/** They stand among what comes before the rows, and pg_restore defers them to its end. */
const DEFERRED = ['ACL', 'ACL LANGUAGE', 'DEFAULT ACL', 'EVENT TRIGGER', 'MATERIALIZED VIEW DATA'];
/** Since PostgreSQL 17 the large objects are made in the data section. */
const LARGE_OBJECTS = ['BLOB', 'BLOB METADATA'];
const ROWS = ['TABLE DATA', 'BLOBS'];

/** @param isSelected whether an entry is wanted at all */
export function splitPhases(entries: readonly ArchiveEntry[], isSelected: (dumpId: number) => boolean): ArchivePhases {
  const phases: ArchivePhases = { before: [], rows: [], after: [] };
  let section: number = SECTION.preData;
  for (const entry of entries) {
    // An entry of no section belongs to the one that it stands in.
    if (entry.section !== SECTION.none) ({ section } = entry);
    if (!isSelected(entry.dumpId)) continue;
    const kind = entry.kind ?? '';
    if (entry.hasData && ROWS.includes(kind)) phases.rows.push(entry);
    else if (isBefore(entry, section)) phases.before.push(entry.dumpId);
    else phases.after.push(entry.dumpId);
  }
  return phases;
}

const isBefore = ({ kind: known, tag }: ArchiveEntry, section: number): boolean => {
  const kind = known ?? '';
  if (LARGE_OBJECTS.includes(kind)) return true;
  const isDeferred = DEFERRED.includes(kind) || (kind === 'COMMENT' && (tag ?? '').startsWith('EVENT TRIGGER '));
  return section === SECTION.preData && !isDeferred;
};

/** What `pg_restore --use-list` reads: of each line it takes the number. */
export const useList = (dumpIds: readonly number[]): string => dumpIds.map((id) => `${id};\n`).join('');
