/** The machine's input, as a person or Scheduler gave it, made into a slot. */
import { HoldfastError } from '../failure/error.ts';
import { manualSlotId, scheduledSlotId, isSlot } from '../vault/ids.ts';
import type { ListedPoint } from '../vault/read-point.ts';
import { BackupInput } from './contract.ts';
import { decidePointState } from './decide-admission.ts';

export class BackupInputRefused extends HoldfastError {
  readonly failure = 'BadInput';
  constructor(problems: readonly string[], assets: readonly string[]) {
    super(
      `A backup cannot start from this input: ${problems.join('; ')}`,
      `Possible assets: ${assets.join(', ')}. The smallest input is {"asset":"${assets[0] ?? ''}"}; a scheduled run adds "slot", an instant such as "2026-11-21T02:00:00Z"; to finish a point add "point", its id`,
    );
  }
}

const NAMED_POINTS = 5;

export class NoPointToFinish extends HoldfastError {
  readonly failure = 'PointMissing';
  /** @param points every point of the asset, newest first */
  constructor(asset: string, point: string, points: readonly ListedPoint[]) {
    const unfinished = points.filter((listed) => decidePointState(listed) === 'committed').map((listed) => listed.point);
    const more = unfinished.length > NAMED_POINTS ? `, and ${unfinished.length - NAMED_POINTS} older` : '';
    super(
      `${asset} has no point ${point} that could be finished`,
      unfinished.length > 0
        ? `Unfinished points, newest first: ${unfinished.slice(0, NAMED_POINTS).join(', ')}${more}`
        : `No point of ${asset} lacks a fact or its signature; an input without "point" makes a new one`,
    );
  }
}

/** Clocks of Scheduler and Step Functions need not agree to the second. */
const FUTURE_TOLERANCE_SECONDS = 300;

/**
 * @param assets ids of the assets that this machine backs up
 * @returns `mustExist`: somebody asks to finish the slot's point, so that there has to be one
 * @throws BackupInputRefused naming everything that is wrong
 */
export function readBackupInput(
  input: unknown,
  assets: readonly string[],
  execution: string,
  startedAt: Date,
): { asset: string; slot: string; mustExist: boolean } {
  const parsed = BackupInput.safeParse(input);
  if (!parsed.success)
    throw new BackupInputRefused(
      parsed.error.issues.map((issue) => `${issue.path.join('.') || 'the input'}: ${issue.message}`),
      assets,
    );
  const { asset, slot, point } = parsed.data;
  const instant = slot === undefined ? undefined : new Date(slot);
  const problems = [
    ...(assets.includes(asset) ? [] : [`asset: this machine backs up no asset of the name '${asset.slice(0, 40)}'`]),
    ...(instant && instant.getTime() > startedAt.getTime() + FUTURE_TOLERANCE_SECONDS * 1000
      ? [`slot: ${instant.toISOString()} is in the future`]
      : []),
    ...(point === undefined || isSlot(point) ? [] : [`point: '${point.slice(0, 40)}' is not an id such as 20261121T020000Z`]),
  ];
  if (problems.length > 0) throw new BackupInputRefused(problems, assets);
  // A point has the id of its slot.
  if (point !== undefined) return { asset, slot: point, mustExist: true };
  return { asset, slot: instant ? scheduledSlotId(instant) : manualSlotId(startedAt, execution), mustExist: false };
}
