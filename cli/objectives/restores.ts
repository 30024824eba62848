/** The RTO beside what restores took, each with what it was measured on. They propose no target: how long people took is in them. */
import { secondsText } from '../../core/quantities.ts';
import type { ComparedObjective } from '../../core/report/compare-objectives.ts';
import { describeTimes, placeOf, type MeasuredRestore } from '../../core/report/measured-restores.ts';
import { instant } from '../output/instant.ts';
import type { Paint } from '../output/paint.ts';
import { table } from '../output/table.ts';

/** Newest first; `--output json` has all that were read. */
const SHOWN = 10;

export function renderRestores(compared: readonly ComparedObjective[], restores: readonly MeasuredRestore[], paint: Paint): string[] {
  if (restores.length === 0) return [];
  const stated = new Map(compared.flatMap(({ asset, objective, statedSeconds }) => (objective === 'rto' ? [[asset, statedSeconds]] : [])));
  const rows = restores.slice(0, SHOWN).map((restore) => {
    const { asset, at, run, part, seconds, times, signed, undoneAt } = restore;
    // A part of a point is no recovery of the database.
    const rto = part === undefined ? stated.get(asset) : undefined;
    const text = seconds === undefined ? '-' : secondsText(Math.round(seconds));
    return [
      asset,
      instant(at),
      run,
      placeOf(restore),
      rto === undefined ? '-' : secondsText(rto),
      rto !== undefined && seconds !== undefined && seconds > rto ? paint('yellow', text) : text,
      describeTimes(times) || '-',
      undoneAt !== undefined ? `undone ${instant(undoneAt)}` : signed === undefined ? paint('yellow', 'nobody') : signed.by,
    ];
  });
  return [table(['ASSET', 'RESTORED', 'RUN', 'ON', 'RTO', 'TOOK', 'OF WHICH', 'SIGNED OFF BY'], rows)];
}
