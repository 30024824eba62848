/** What a listing tells against objects in escrow: nobody but whoever meddled with a bucket leaves these. */
import { explainStray, type Stray } from '../core/escrow/strays.ts';

export type EscrowStray = { bucket: string; region: string; stray: Stray };
export type EscrowMark = { kind: 'escrow-overwritten' | 'escrow-hidden'; text: string; next: string };

/** More make no list that a person reads: the audit has them all. */
const MOST_MARKS = 5;

export function markStrays(strays: readonly EscrowStray[]): EscrowMark[] {
  const marks = strays.slice(0, MOST_MARKS).map(({ bucket, region, stray }): EscrowMark => {
    const { what, fix, command } = explainStray(stray, bucket, region);
    return { kind: `escrow-${stray.mark}`, text: what, next: `${fix.charAt(0).toUpperCase()}${fix.slice(1)}: ${command}` };
  });
  const more = strays.length - marks.length;
  const [last] = marks.slice(-1);
  if (more > 0 && last) last.text += `; ${more} more like it stand there`;
  return marks;
}
