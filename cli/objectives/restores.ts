/** The RTO beside what restores took, each with what it was measured on. They propose no target: how long people took is in them. */
import { secondsText } from '../../core/quantities.ts';
import type { ComparedObjective } from '../../core/report/compare-objectives.ts';
import { describeTimes, TARGET_WORDS, type MeasuredRestore } from '../../core/report/measured-restores.ts';
import { instant } from '../output/instant.ts';
import type { Paint } from '../output/paint.ts';
import { table } from '../output/table.ts';

/** Newest first; `--output json` has all that were read. */
const SHOWN = 10;

export function renderRestores(compared: readonly ComparedObjective[], restores: readonly MeasuredRestore[], paint: Paint): string[] {
  if (restores.length === 0) return [];
  const stated = new Map(compared.flatMap(({ asset, objective, statedSeconds }) => (objective === 'rto' ? [[asset, statedSeconds]] : [])));
  const rows = restores.slice(0, SHOWN).map(({ asset, at, run, target, seconds, times, signed }) => {
    const rto = stated.get(asset);
    const text = seconds === undefined ? '-' : secondsText(Math.round(seconds));
    return [
      asset,
      instant(at),
      run,
      TARGET_WORDS[target],
      rto === undefined ? '-' : secondsText(rto),
      rto !== undefined && seconds !== undefined && seconds > rto ? paint('yellow', text) : text,
      describeTimes(times) || '-',
      signed === undefined ? paint('yellow', 'nobody') : signed.by,
    ];
  });
  return [table(['ASSET', 'RESTORED', 'RUN', 'ON', 'RTO', 'TOOK', 'OF WHICH', 'SIGNED OFF BY'], rows)];
}
