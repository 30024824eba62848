/** The restore machine's input: everything that is wrong with it, and what is possible instead. */
import { describeChoice, selectPoint } from '../drill/select-point.ts';
import { SLOT_PATTERN } from '../vault/ids.ts';
import { findSideProblems, type VaultSide } from '../vault/side.ts';
import type { ListedPoint } from '../vault/read-point.ts';
import { RestoreInput } from './contract.ts';
import { findSelectionProblems, type RestoreSelection } from './selection.ts';
import { findDatabaseNameProblems } from './sql-names.ts';

export type ReadRequest = {
  asset: string;
  point: string | undefined;
  database: string | undefined;
  withoutKeys: boolean;
  selection: RestoreSelection;
  problems: string[];
};

const LATEST = 'latest';
const smallest = (assets: readonly string[]) => `The smallest input is {"asset":"${assets[0] ?? ''}"}`;

/** What can be said before any point was looked for. `asset` is one of `assets`, or empty; `restored` is the vault that the machine reads. */
export function readRestoreInput(input: unknown, assets: readonly string[], restored: VaultSide): ReadRequest {
  const parsed = RestoreInput.safeParse(input);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'the input'}: ${issue.message}`);
    return {
      asset: '',
      point: undefined,
      database: undefined,
      withoutKeys: false,
      selection: {},
      problems: [
        ...problems,
        `${smallest(assets)}; "point", "to", "tables", "exclude", "schemaOnly" and "withoutKeys" may stand beside it`,
      ],
    };
  }
  const { asset, point, to, from, withoutKeys = false, ...selection } = parsed.data;
  const isKnown = assets.includes(asset);
  return {
    asset: isKnown ? asset : '',
    point: point === LATEST ? undefined : point,
    database: to,
    withoutKeys,
    selection,
    problems: [
      ...(isKnown ? [] : [`asset: there is no asset '${asset.slice(0, 40)}' to restore. Possible: ${assets.join(', ')}`]),
      ...(point === undefined || point === LATEST || SLOT_PATTERN.test(point)
        ? []
        : [`point: '${point.slice(0, 40)}' is neither 'latest' nor an id such as 20261121T020000Z`]),
      ...(to === undefined ? [] : findDatabaseNameProblems(to).map((problem) => `to: ${problem}`)),
      ...findSideProblems('restores', from, restored),
      ...findSelectionProblems(selection),
    ],
  };
}

/** The point to restore, among those that the vault has; newest first. */
export function decidePoint(
  request: ReadRequest,
  points: readonly ListedPoint[],
  from: VaultSide,
): { point: string } | { problem: string } {
  if (request.point !== undefined && !SLOT_PATTERN.test(request.point)) return { problem: describeChoice(points, from) };
  const selected = selectPoint(points, from, request.point);
  return selected.found ? { point: selected.point } : { problem: `point: ${selected.reason}` };
}
