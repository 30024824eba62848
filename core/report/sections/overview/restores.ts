import { secondsText } from '../../../quantities.ts';
import { html, type Markup } from '../../html.ts';
import { describeTimes, placeOf, TARGET_WORDS } from '../../measured-restores.ts';
import type { Overview } from '../../overview/model.ts';
import { no, pill, section, table, time } from '../parts.ts';

export function restoresSection({ restores, failedRestores }: Pick<Overview, 'restores' | 'failedRestores'>): Markup | undefined {
  if (restores.length === 0 && failedRestores.length === 0) return undefined;
  return section(
    'restores',
    'Restores and their sign-offs',
    'Each restore with what it was made on, how long it took until the asset could be used as far as that is known, and whose word it is that it is good.',
    html`<div class="card">
      ${restores.length === 0 ? '' : restoresTable(restores)}${failedRestores.length === 0 ? '' : failedTable(failedRestores)}
    </div>`,
  );
}

const restoresTable = (restores: Overview['restores']): Markup =>
  table(
    'Newest first',
    ['Database', 'When', 'Point', 'Target', 'Outcome', 'RTO', 'Took', 'Of which', 'Signed off'],
    restores.map((restore) => [
      html`<span class="id">${restore.asset}</span>`,
      time(restore.at),
      html`<span class="id">${restore.point}</span>`,
      placeOf(restore),
      pill(restore.outcome.colour, restore.outcome.word),
      restore.part !== undefined
        ? no('not of a part')
        : restore.statedSeconds === undefined
          ? no('none')
          : secondsText(restore.statedSeconds),
      tookOf(restore),
      describeTimes(restore.times) || no('none'),
      signedText(restore),
    ]),
  );

const failedTable = (failed: Overview['failedRestores']): Markup =>
  table(
    'Did not come through, newest first; nothing is measured by them',
    ['Database', 'When', 'Point', 'What', 'Ended', 'At', 'What there is'],
    failed.map(({ asset, endedAt, point, action, target, outcome, failure, step, left, resumed }) => [
      html`<span class="id">${asset}</span>`,
      time(endedAt),
      html`<span class="id">${point}</span>`,
      action === 'restore' ? TARGET_WORDS[target] : ACTION_WORDS[action],
      pill('red', outcome === 'refused' ? 'Refused' : 'Failed'),
      html`${step} (<span class="id">${failure}</span>)`,
      [...left, ...(resumed?.complete === false ? [resumed.message] : [])].map((said) => `${said}.`).join(' '),
    ]),
  );

const ACTION_WORDS = { undo: 'the undo of a restore', finish: 'the end of a restore' };

const tookOf = ({ seconds, statedSeconds }: Overview['restores'][number]): Markup | string => {
  if (seconds === undefined) return no('not measured');
  const text = secondsText(Math.round(seconds));
  return statedSeconds !== undefined && seconds > statedSeconds ? html`${text} ${pill('amber', 'Over the RTO')}` : text;
};

function signedText({ signed, undoneAt }: Overview['restores'][number]): Markup {
  if (undoneAt !== undefined) return html`${pill('no data', 'Undone')} ${time(undoneAt)}`;
  return signed === undefined ? pill('amber', 'Nobody yet') : html`${signed.by}, ${time(signed.at)}`;
}
