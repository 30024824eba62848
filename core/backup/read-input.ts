/** The machine's input, as a person or Scheduler gave it, made into a slot. */
import { HoldfastError } from '../failure/error.ts';
import { manualSlotId, scheduledSlotId } from '../vault/ids.ts';
import { BackupInput } from './contract.ts';

export class BackupInputRefused extends HoldfastError {
  readonly failure = 'BadInput';
  constructor(problems: readonly string[], assets: readonly string[]) {
    super(
      `A backup cannot start from this input: ${problems.join('; ')}`,
      `Possible assets: ${assets.join(', ')}. The smallest input is {"asset":"${assets[0] ?? ''}"}; a scheduled run adds "slot", an instant such as "2026-11-21T02:00:00Z"`,
    );
  }
}

/** Clocks of Scheduler and Step Functions need not agree to the second. */
const FUTURE_TOLERANCE_SECONDS = 300;

/**
 * @param assets ids of the assets that this machine backs up
 * @throws BackupInputRefused naming everything that is wrong
 */
export function readBackupInput(
  input: unknown,
  assets: readonly string[],
  execution: string,
  startedAt: Date,
): { asset: string; slot: string } {
  const parsed = BackupInput.safeParse(input);
  if (!parsed.success)
    throw new BackupInputRefused(
      parsed.error.issues.map((issue) => `${issue.path.join('.') || 'the input'}: ${issue.message}`),
      assets,
    );
  const { asset, slot } = parsed.data;
  const instant = slot === undefined ? undefined : new Date(slot);
  const problems = [
    ...(assets.includes(asset) ? [] : [`asset: this machine backs up no asset of the name '${asset.slice(0, 40)}'`]),
    ...(instant && instant.getTime() > startedAt.getTime() + FUTURE_TOLERANCE_SECONDS * 1000
      ? [`slot: ${instant.toISOString()} is in the future`]
      : []),
  ];
  if (problems.length > 0) throw new BackupInputRefused(problems, assets);
  return { asset, slot: instant ? scheduledSlotId(instant) : manualSlotId(startedAt, execution) };
}
