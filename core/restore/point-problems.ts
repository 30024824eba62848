import type { Manifest } from '../vault/manifest.ts';
import { isEverything, PLAIN_IS_WHOLE, type RestoreSelection } from './selection.ts';
import { keepsNothing, type RestoreTarget } from './target.ts';

type Asked = { target: RestoreTarget; selection: RestoreSelection; database: string | undefined };

/** What this point, as it was dumped, does not go with. */
export function findPointProblems({ dump, source }: Pick<Manifest, 'dump' | 'source'>, { target, selection, database }: Asked): string[] {
  const isPlain = dump.format === 'plain';
  const drops = isPlain && dump.options.includes('--clean') && dump.options.includes('--if-exists');
  return [
    ...(isPlain && !isEverything(selection) ? [PLAIN_IS_WHOLE] : []),
    ...(target === 'clean-replay' && !drops
      ? [
          `target: 'clean-replay' runs the DROP statements of a plain dump that was made with --clean and --if-exists, and this point ${isPlain ? 'has none' : `is a ${dump.format} one`}. 'in-place' and 'drop-and-create' take any point`,
        ]
      : []),
    ...(keepsNothing(target) && database !== undefined && database !== source.database
      ? [
          `to: '${target}' leaves nothing of the database that it replaces, and the safety backup before it is of "${source.database}", not of "${database}". Leave \`to\` out, or restore 'in-place', which keeps the old database until sign-off`,
        ]
      : []),
  ];
}
