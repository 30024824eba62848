/** The restore machine's input: everything that is wrong with it, and what is possible instead. */
import { findSideProblems, type VaultSide } from '../vault/side.ts';
import { readPointWish, type PointWish } from './choose-point.ts';
import { FollowUpInput, RestoreInput, ResumeInput } from './contract.ts';
import { findSelectionProblems, type RestoreSelection } from './selection.ts';
import { findDatabaseNameProblems } from './sql-names.ts';
import { replacesDatabase, type RestoreTarget } from './target.ts';

export type ReadRequest = {
  asset: string;
  point: PointWish | undefined;
  database: string | undefined;
  target: RestoreTarget;
  withoutKeys: boolean;
  selection: RestoreSelection;
  problems: string[];
};

/** An input that is about the database which an earlier restore has kept. */
export function readFollowUp(input: unknown): { action: 'undo' | 'finish'; of: string } | undefined {
  const parsed = FollowUpInput.safeParse(input);
  if (!parsed.success) return undefined;
  return 'undo' in parsed.data ? { action: 'undo', of: parsed.data.undo } : { action: 'finish', of: parsed.data.finish };
}

/** An input that puts back what an earlier restore has stopped. */
export const readResume = (input: unknown) => {
  const parsed = ResumeInput.safeParse(input);
  return parsed.success ? { of: parsed.data.resume, asset: parsed.data.asset } : undefined;
};

const smallest = (assets: readonly string[]) => `The smallest input is {"asset":"${assets[0] ?? ''}"}`;

/**
 * What can be said before any point was looked for. `asset` is one of the machine's, or empty.
 * @param machine.from the vault that the machine reads
 */
export function readRestoreInput(input: unknown, machine: { system: string; assets: readonly string[]; from: VaultSide }): ReadRequest {
  const { assets } = machine;
  const parsed = RestoreInput.safeParse(input);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'the input'}: ${issue.message}`);
    return {
      asset: '',
      point: undefined,
      database: undefined,
      target: 'beside',
      withoutKeys: false,
      selection: {},
      problems: [
        ...problems,
        `${smallest(assets)}; "point", "target", "to", "tables", "exclude", "schemaOnly", "noOwner", "noPrivileges" and "withoutKeys" may stand beside it; {"undo":"<run>"} puts back what an earlier restore in place has kept, {"finish":"<run>"} drops it; {"resume":"<run>","asset":"<asset>"} puts back what a restore has stopped`,
      ],
    };
  }
  const { system, asset, point: wish, to, from, target = 'beside', withoutKeys = false, ...selection } = parsed.data;
  const isKnown = assets.includes(asset);
  const point = readPointWish(wish);
  return {
    asset: isKnown ? asset : '',
    point,
    database: to,
    target,
    withoutKeys,
    selection,
    problems: [
      ...(system === undefined || system === machine.system
        ? []
        : [`system: this machine restores ${machine.system}, not '${system.slice(0, 40)}'`]),
      ...(isKnown ? [] : [`asset: there is no asset '${asset.slice(0, 40)}' to restore. Possible: ${assets.join(', ')}`]),
      ...(point === undefined
        ? [
            `point: '${(wish ?? '').slice(0, 40)}' is neither 'latest', 'latest-proven', an id such as 20261121T020000Z nor an instant such as 2026-11-21T02:00:00Z`,
          ]
        : []),
      ...(to === undefined ? [] : findDatabaseNameProblems(to).map((problem) => `to: ${problem}`)),
      ...findSideProblems('restores', from, machine.from),
      ...findSelectionProblems(selection),
      ...findTargetProblems(target, selection, machine.from),
    ],
  };
}

/** What a target does not go with, whatever the point. */
export function findTargetProblems(target: RestoreTarget, selection: RestoreSelection, from: VaultSide): string[] {
  if (!replacesDatabase(target)) return [];
  return [
    ...(from === 'vault'
      ? []
      : [
          `target: '${target}' needs a safety backup first, and no backups are made in the second region. Restore beside there, and swap by hand: docs/runbook.md, heading Swapping a database by hand`,
        ]),
    ...partlyReplaced(target, selection),
  ];
}

/** A database is replaced by all of a point: whatever is left out would be gone from it. */
const partlyReplaced = (target: RestoreTarget, { tables, exclude, schemaOnly }: RestoreSelection): string[] =>
  [
    ...(tables === undefined ? [] : [['tables', 'everything but these tables'] as const]),
    ...(exclude === undefined ? [] : [['exclude', 'these tables, and what depends on them,'] as const]),
    ...(schemaOnly === true ? [['schemaOnly', 'every row of it'] as const] : []),
  ].map(
    ([field, gone]) =>
      `${field}: '${target}' replaces the whole database, and ${gone} would be gone from it. Restore beside, and copy over what is wanted`,
  );
