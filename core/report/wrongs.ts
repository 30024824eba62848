/** What was done to points, or became of them, that nobody wished: in the words that the command line has for it. Pure. */
import { adviseLost, explainLost, explainOthers, type LostPoint } from '../vault/explain-lost.ts';
import { explainMarks } from '../vault/explain-marks.ts';
import type { ListedPoint } from '../vault/read-point.ts';
import type { VaultSide } from '../vault/side.ts';

/** `colour`: red where something is lost, damaged or forged; amber of a point that is hidden, and there all the same. */
export type WrongReport = { asset: string; colour: 'red' | 'amber'; text: string; next: string };

export type WrongRecords = {
  lost: { points: readonly LostPoint[]; others: number };
  /** All that are listed. */
  listed: readonly ListedPoint[];
  /** Those whose records could not be read, and why. */
  damaged: readonly { point: string; damage: string }[];
};

export function findWrongs(asset: string, { lost, listed, damaged }: WrongRecords, side: VaultSide): WrongReport[] {
  const check = `npx holdfast evidence verify${side === 'vault' ? '' : ` --from ${side}`}`;
  const wrong = (text: string, next: string, colour: WrongReport['colour'] = 'red'): WrongReport => ({ asset, colour, text, next });
  return [
    ...lost.points.map((one) => wrong(explainLost(asset, one, side), adviseLost(asset, one, side))),
    ...explainOthers(lost.others, side).map((text) => wrong(text, check)),
    ...damaged.map(({ point, damage }) => wrong(`${asset}/${point} counts for nothing: ${damage}`, check)),
    ...listed.flatMap((point) =>
      explainMarks(asset, point, side).map(({ kind, text, next }) => wrong(text, next, kind === 'point-hidden' ? 'amber' : 'red')),
    ),
  ];
}
