/**
 * When each entry of an archive is restored: before the rows, as rows, or after them. As pg_restore would have it in one run: what is
 * granted comes after the rows, for a table's own owner may be one of those who must not write to it any more.
 */
import { SECTION, type ArchiveEntry } from '../archive/toc.ts';

export type ArchivePhases = {
  /** Dump ids, in the order of the archive. */
  before: number[];
  rows: ArchiveEntry[];
  /** One step after the other. */
  after: RestoreStep[];
  /** What holds no data and often only a superuser may make, in the order of the archive; part of `after` unless it is asked for. */
  optional: ArchiveEntry[];
};

export type RestoreStep = {
  dumpIds: number[];
  /** Grants depend on each other and do not say so: one is made in the name of whom another one let in. */
  isParallel: boolean;
  /** Materialized views are filled with the rights of their owners, and by what policies let those see: pg_dump's scripts make that an error. */
  isUnderPolicies: boolean;
};

/** They stand among what comes before the rows, and pg_restore defers them to its end. */
const GRANTS = ['ACL', 'ACL LANGUAGE', 'DEFAULT ACL'];
/** What pg_restore makes when everything is granted. */
export const VIEW_DATA = 'MATERIALIZED VIEW DATA';
const LAST = ['EVENT TRIGGER', VIEW_DATA];
/** Since PostgreSQL 17 the large objects are made in the data section. */
const LARGE_OBJECTS = ['BLOB', 'BLOB METADATA'];
const ROWS = ['TABLE DATA', 'BLOBS'];

/** Nothing in a database needs them but what is here too. */
const OPTIONAL = [
  'EVENT TRIGGER',
  'PUBLICATION',
  'PUBLICATION TABLE',
  'PUBLICATION TABLES IN SCHEMA',
  'SUBSCRIPTION',
  'SUBSCRIPTION TABLE',
];
const OF_OPTIONAL = /^(?:EVENT TRIGGER|PUBLICATION|SUBSCRIPTION) /;

const isOptional = ({ kind, tag }: ArchiveEntry): boolean =>
  OPTIONAL.includes(kind ?? '') || (['COMMENT', 'SECURITY LABEL'].includes(kind ?? '') && OF_OPTIONAL.test(tag ?? ''));

/**
 * @param isSelected whether an entry is wanted at all
 * @param isToleratedWithout whether a database without what is optional is one that can be used
 */
export function splitPhases(
  entries: readonly ArchiveEntry[],
  isSelected: (dumpId: number) => boolean,
  isToleratedWithout = false,
): ArchivePhases {
  const [built, granted, last]: [RestoreStep, RestoreStep, RestoreStep] = [
    { dumpIds: [], isParallel: true, isUnderPolicies: false },
    { dumpIds: [], isParallel: false, isUnderPolicies: false },
    { dumpIds: [], isParallel: true, isUnderPolicies: true },
  ];
  const phases: ArchivePhases = { before: [], rows: [], after: [built, granted, last], optional: [] };
  let section: number = SECTION.preData;
  for (const entry of entries) {
    // An entry of no section belongs to the one that it stands in.
    if (entry.section !== SECTION.none) ({ section } = entry);
    if (!isSelected(entry.dumpId)) continue;
    const kind = entry.kind ?? '';
    if (isToleratedWithout && isOptional(entry)) phases.optional.push(entry);
    else if (entry.hasData && ROWS.includes(kind)) phases.rows.push(entry);
    else if (isBefore(entry, section)) phases.before.push(entry.dumpId);
    else if (GRANTS.includes(kind)) granted.dumpIds.push(entry.dumpId);
    else if (isLast(entry)) last.dumpIds.push(entry.dumpId);
    else built.dumpIds.push(entry.dumpId);
  }
  return phases;
}

const isLast = ({ kind, tag }: ArchiveEntry): boolean =>
  LAST.includes(kind ?? '') || (kind === 'COMMENT' && (tag ?? '').startsWith('EVENT TRIGGER '));

const isBefore = (entry: ArchiveEntry, section: number): boolean => {
  const kind = entry.kind ?? '';
  if (LARGE_OBJECTS.includes(kind)) return true;
  return section === SECTION.preData && !GRANTS.includes(kind) && !isLast(entry);
};

/**
 * What a step adds to `options`. Where all belongs to the login, policies would show it what they show nobody of the source: there an
 * error says more than a view that lacks rows.
 */
export const stepOptions = ({ isUnderPolicies }: RestoreStep, options: readonly string[]): string[] =>
  isUnderPolicies && !options.includes('--no-owner') ? [...options, '--enable-row-security'] : [...options];

/** What `pg_restore --use-list` reads: of each line it takes the number. */
export const useList = (dumpIds: readonly number[]): string => dumpIds.map((id) => `${id};\n`).join('');
