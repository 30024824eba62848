/** The results as tables: one for each kind of work, the same rows whether printed, published or kept as JSON. */
import { LIMIT_TITLES } from '../scenarios/limits.ts';
import { GROWTH_SCALES } from '../scenarios/growth-scales.ts';
import { SHAPED_WORKERS, shapedName } from '../scenarios/shaped.ts';
import { OWN, TOOLS } from '../peers/all.ts';
import { isLoaded, type Row } from '../results.ts';
import { pageSection } from './page-section.ts';
import { retentionSection } from './retention-section.ts';
import { finder, judgeGoals, marginalSeconds, type Goal } from './goals.ts';

export type Section = { id: string; title: string; head: string[]; rows: string[][] };

const BYTES_PER_MB = 1e6;
const ALMOST_EMPTY_BYTES = 50e6;
const fixed = (value: number | undefined, digits = 1): string => (value === undefined ? '–' : value.toFixed(digits));

/** By the tool and the two servers together: where all cores are, only less work makes it faster. */
const coresBusy = ({ toolCpuSeconds = 0, postgresCpuSeconds = 0, storeCpuSeconds = 0, wallSeconds }: Row): number =>
  (toolCpuSeconds + postgresCpuSeconds + storeCpuSeconds) / wallSeconds;

const note = (row: Row): string =>
  [
    ...(row.failed === undefined ? [] : [`failed: ${row.failed}`]),
    ...(row.isSame === true ? ['content identical'] : row.isSame === false ? ['content DIFFERS'] : []),
    ...(isLoaded(row) ? ['machine loaded'] : []),
  ].join('; ');

export function buildSections(rows: readonly Row[], scale: number): Section[] {
  const sections = [
    goalSection(judgeGoals(rows, scale)),
    ...comparison(rows, scale),
    growth(rows, scale),
    shaped(rows, scale),
    limits(rows, scale),
    bundles(rows),
    waits(rows),
    retentionSection(rows),
    pageSection(rows),
  ];
  return sections.filter(({ rows: found }) => found.length > 0);
}

const VERDICTS = { true: 'reached', false: 'missed', undefined: 'not measured' };

function goalSection(goals: readonly Goal[]): Section {
  return {
    id: 'goals',
    title: 'Goals',
    head: ['work', 'against', 'reach', 'is', ''],
    rows: goals.map(({ work, against, reach, value, unit, isMet, doubts }) => [
      work,
      against,
      reach,
      value === undefined ? '–' : unit === '×' ? `${value.toFixed(2)} ×` : `${value.toFixed(0)} ${unit}`,
      `${VERDICTS[`${isMet}`]}${value !== undefined && doubts.length > 0 ? ` (${doubts.join(', ')})` : ''}`,
    ]),
  };
}

const TITLES = { backup: 'Backup', restore: 'Restore into a new database', verify: 'Verify' } as const;

function comparison(rows: readonly Row[], scale: number): Section[] {
  return (['backup', 'restore', 'verify'] as const).map((work) => {
    const own = finder(rows, scale)(work, OWN.name)?.wallSeconds;
    const known = TOOLS.flatMap(({ name, title }) => {
      const row = rows.find((each) => each.work === work && each.of === name && each.scale === scale);
      return row ? [{ title, row }] : [];
    });
    return {
      id: work,
      title: TITLES[work],
      head: [
        'tool',
        'wall s',
        'fastest s',
        'holdfast is',
        'tool CPU s',
        'PostgreSQL CPU s',
        'S3 server CPU s',
        'cores busy',
        'stored MB',
        'objects',
        'peak MiB',
        'disk MiB',
        'load',
        '',
      ],
      rows: known.map(({ title, row }) => [
        titleFor(work, title),
        fixed(row.wallSeconds),
        fixed(row.fastestSeconds),
        own === undefined || row.of === OWN.name || row.rounds === 0 ? '' : `${(row.wallSeconds / own).toFixed(2)} × faster`,
        fixed(row.toolCpuSeconds),
        fixed(row.postgresCpuSeconds),
        fixed(row.storeCpuSeconds),
        row.rounds === 0 ? '–' : fixed(coresBusy(row)),
        row.storedBytes === undefined ? '–' : (row.storedBytes / BYTES_PER_MB).toFixed(0),
        fixed(row.storedObjects, 0),
        fixed(row.peakMemoryMiB, 0),
        fixed(row.diskMiB, 0),
        fixed(row.loadBefore),
        note(row),
      ]),
    };
  });
}

/** A tool's title has a half for backups and, where it differs, one for restores. */
export function titleFor(work: 'backup' | 'restore' | 'verify', title: string): string {
  const [backup = '', restore = backup] = title.split('; ');
  return work === 'restore' ? restore : backup;
}

function growth(rows: readonly Row[], scale: number): Section {
  const found = GROWTH_SCALES.map((part) => {
    const find = finder(rows, part * scale);
    return { dump: find('backup', OWN.name), restore: find('restore', OWN.name), verify: find('verify', OWN.name) };
  }).filter(({ dump }) => dump !== undefined);
  return {
    id: 'growth',
    title: 'Growth of holdfast',
    head: [
      'database GB',
      'backup s',
      'more s per GB',
      'verify s',
      'restore s',
      'more s per GB',
      'peak MiB of backup',
      'of verify',
      'of restore',
      '',
    ],
    rows:
      found.length < 2
        ? []
        : found.map(({ dump, restore, verify }, index) => [
            (dump?.databaseBytes ?? 0) < ALMOST_EMPTY_BYTES ? 'almost empty' : fixed((dump?.databaseBytes ?? 0) / 1e9, 2),
            fixed(dump?.wallSeconds),
            fixed(marginalSeconds(found[index - 1]?.dump, dump), 2),
            fixed(verify?.wallSeconds),
            fixed(restore?.wallSeconds),
            fixed(marginalSeconds(found[index - 1]?.restore, restore), 2),
            fixed(dump?.peakMemoryMiB, 0),
            fixed(verify?.peakMemoryMiB, 0),
            fixed(restore?.peakMemoryMiB, 0),
            dump === undefined ? '' : note(dump),
          ]),
  };
}

function shaped(rows: readonly Row[], scale: number): Section {
  const find = finder(rows, scale);
  const one = find('shaped', shapedName(1));
  return {
    id: 'shaped',
    title: 'The one big table over connections of 50 MB/s',
    head: ['workers', 'wall s', 'to one worker', 'tool CPU s', 'PostgreSQL CPU s', 'peak MiB', ''],
    rows: SHAPED_WORKERS.flatMap((workers) => {
      const row = find('shaped', shapedName(workers));
      if (!row) return [];
      const times = one ? `${(one.wallSeconds / row.wallSeconds).toFixed(2)} ×` : '';
      return [
        [
          String(workers),
          fixed(row.wallSeconds),
          times,
          fixed(row.toolCpuSeconds),
          fixed(row.postgresCpuSeconds),
          fixed(row.peakMemoryMiB, 0),
          note(row),
        ],
      ];
    }),
  };
}

function limits(rows: readonly Row[], scale: number): Section {
  return {
    id: 'limits',
    title: 'What the parts do alone',
    head: ['part', 'MB', 's', 'CPU s of the tool', 'MB/s', ''],
    rows: rows
      .filter((row) => row.work === 'limit' && row.scale === scale)
      .map((row) => [
        LIMIT_TITLES[row.of] ?? row.of,
        fixed((row.bytes ?? 0) / BYTES_PER_MB, 0),
        fixed(row.wallSeconds),
        fixed(row.toolCpuSeconds),
        fixed((row.bytes ?? 0) / BYTES_PER_MB / row.wallSeconds, 0),
        note(row),
      ]),
  };
}

function bundles(rows: readonly Row[]): Section {
  return {
    id: 'functions',
    title: 'Functions',
    head: ['function', 'kB', 'import ms', 'fastest ms', 'load'],
    rows: rows
      .filter((row) => row.work === 'bundle')
      .map((row) => [
        row.of,
        fixed((row.bytes ?? 0) / 1e3, 0),
        fixed(row.wallSeconds * 1e3, 0),
        fixed(row.fastestSeconds * 1e3, 0),
        fixed(row.loadBefore),
      ]),
  };
}

const SYNTHESIS_TITLES: Record<string, string> = { app: 'synthesis: the app alone', cli: 'synthesis: `cdk synth`' };

function waits(rows: readonly Row[]): Section {
  const wanted = rows.filter(({ work }) => work === 'synthesis' || work === 'first-byte');
  return {
    id: 'waits',
    title: 'Synthesis, and the way to the first byte',
    head: ['', 's', 'fastest s', 'load'],
    rows: wanted.map((row) => [
      row.work === 'synthesis' ? (SYNTHESIS_TITLES[row.of] ?? row.of) : `backup started → ${row.of}`,
      fixed(row.wallSeconds, 2),
      fixed(row.fastestSeconds, 2),
      fixed(row.loadBefore),
    ]),
  };
}
