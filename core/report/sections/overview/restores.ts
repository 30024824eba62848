import { secondsText } from '../../../quantities.ts';
import { html, type Markup } from '../../html.ts';
import { describeTimes, TARGET_WORDS } from '../../measured-restores.ts';
import type { Overview } from '../../overview/model.ts';
import { no, pill, section, table, time } from '../parts.ts';

export function restoresSection({ restores }: Pick<Overview, 'restores'>): Markup | undefined {
  if (restores.length === 0) return undefined;
  return section(
    'restores',
    'Restores and their sign-offs',
    'Each restore with what it was made on, how long it took until the asset could be used as far as that is known, and whose word it is that it is good.',
    html`<div class="card">
      ${table(
        'Newest first',
        ['Database', 'When', 'Point', 'Target', 'RTO', 'Took', 'Of which', 'Signed off'],
        restores.map((restore) => [
          html`<span class="id">${restore.asset}</span>`,
          time(restore.at),
          html`<span class="id">${restore.point}</span>`,
          `${TARGET_WORDS[restore.target]}${restore.from === 'replica' ? ', from the replica vault' : ''}`,
          restore.statedSeconds === undefined ? no('none') : secondsText(restore.statedSeconds),
          tookOf(restore),
          describeTimes(restore.times) || no('none'),
          restore.signed === undefined ? pill('amber', 'Nobody yet') : html`${restore.signed.by}, ${time(restore.signed.at)}`,
        ]),
      )}
    </div>`,
  );
}

const tookOf = ({ seconds, statedSeconds }: Overview['restores'][number]): Markup | string => {
  if (seconds === undefined) return no('not measured');
  const text = secondsText(Math.round(seconds));
  return statedSeconds !== undefined && seconds > statedSeconds ? html`${text} ${pill('amber', 'Over the RTO')}` : text;
};
