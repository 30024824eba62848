import type { Manifest } from '../vault/manifest.ts';
import { isEverything, PLAIN_IS_WHOLE, type RestoreSelection } from './selection.ts';
import type { RestoreTarget } from './target.ts';

/** What this point, as it was dumped, does not go with. */
export function findFormatProblems({ dump }: Pick<Manifest, 'dump'>, target: RestoreTarget, selection: RestoreSelection): string[] {
  const isPlain = dump.format === 'plain';
  const drops = isPlain && dump.options.includes('--clean') && dump.options.includes('--if-exists');
  return [
    ...(isPlain && !isEverything(selection) ? [PLAIN_IS_WHOLE] : []),
    ...(target === 'clean-replay' && !drops
      ? [
          `target: 'clean-replay' runs the DROP statements of a plain dump that was made with --clean and --if-exists, and this point ${isPlain ? 'has none' : `is a ${dump.format} one`}. 'in-place' and 'drop-and-create' take any point`,
        ]
      : []),
  ];
}
