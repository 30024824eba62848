import { decidePointState } from '../core/backup/decide-admission.ts';
import { HoldfastError } from '../core/failure/error.ts';
import { openPoints } from './points.ts';
import type { Context } from './verb.ts';

/** Points of these assets that a run which ended early may have left: committed, and not finished. In words, with what finishes them. */
export async function tellUnfinished(context: Context, assets: readonly string[]): Promise<string> {
  const told: string[] = [];
  for (const asset of assets) {
    const newest = await newestPoint(context, asset);
    if (!newest)
      told.push(`Whether the dump of ${asset} was committed could not be seen: \`npx holdfast list ${asset}\` says what is not finished`);
    else if (newest.point !== undefined)
      told.push(
        `The point ${asset}/${newest.point} is committed and not finished. Unless another run is at it, finish it without a new dump: npx holdfast backup ${asset} --finish ${newest.point}`,
      );
  }
  return told.length > 0 ? told.join('\n') : 'It had committed no point: nothing is to be finished';
}

/** `point` when the newest is unfinished. Undefined when nothing could be read. */
async function newestPoint(context: Context, asset: string): Promise<{ point: string | undefined } | undefined> {
  try {
    const { points } = await (await openPoints(context, 'vault')).catalog(asset);
    const [newest] = points;
    return { point: newest && !newest.kinds.has('tombstone') && decidePointState(newest) === 'committed' ? newest.point : undefined };
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    return undefined;
  }
}
