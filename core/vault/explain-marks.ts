/** What a listing tells against a point: nobody but whoever meddled with a vault leaves these. */
import type { ListedPoint } from './read-point.ts';
import type { VaultSide } from './side.ts';
import { EXPIRING } from './tombstone.ts';

export type PointMark = { kind: 'manifest-overwritten' | 'point-hidden' | 'point-expiring'; text: string; next: string };

export function explainMarks(asset: string, { point, isOverwritten, isHidden, kinds }: ListedPoint, place: VaultSide): PointMark[] {
  const [name, check] = [`${asset}/${point}`, `npx holdfast evidence verify${place === 'vault' ? '' : ` --from ${place}`}`];
  const marks: PointMark[] = [];
  if (kinds.has('tombstone'))
    marks.push({
      kind: 'point-expiring',
      text: `A tombstone says that ${name} has expired, and its manifest is still there: lists and restores pass it over: ${EXPIRING}`,
      next: `${check} says whether anything vouches for it; \`npx holdfast show ${name}${place === 'vault' ? '' : ` --from ${place}`}\` shows the point`,
    });
  if (isOverwritten)
    marks.push({
      kind: 'manifest-overwritten',
      text: `Somebody wrote over the manifest of ${name}: the oldest version counts`,
      next: `${check}, and find out who wrote`,
    });
  if (isHidden)
    marks.push({
      kind: 'point-hidden',
      text: `A delete marker hides the manifest of ${name}: nothing is lost, it is verified, drilled and restored like any other`,
      next: 'Find out who put it there',
    });
  return marks;
}
