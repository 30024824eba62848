/** The preview of a restore, for a terminal. */
import { bytesText, secondsText } from '../../core/quantities.ts';
import { instant } from '../output/instant.ts';
import type { Paint } from '../output/paint.ts';
import type { Preview } from './preview.ts';

const roleName = (arn: string) => arn.slice(arn.indexOf('/') + 1);

/** PostgreSQL tells nobody how much disk is free. */
function roomOf({ target, databaseBytes, volumeGiB, selected }: Preview, paint: Paint): string {
  if (databaseBytes === undefined) return paint('yellow', 'not known');
  if (selected?.rows === 0) return 'next to none: no rows are restored';
  const needed = `${selected === undefined ? '' : 'at most '}${bytesText(databaseBytes)} more${target === 'drop-and-create' ? ' than the old one leaves' : ''} on the server’s disk`;
  return volumeGiB === undefined
    ? `${needed}; ${paint('yellow', 'how much is free is not known')}: the plan may say how big it is (restore.volumeGiB)`
    : `${needed}, which has ${volumeGiB} GiB; how much of it is used is looked at before anything is touched`;
}

function provenOf({ provenAt, failedDrill }: Preview, paint: Paint): string {
  if (failedDrill !== undefined) return `${paint('red', 'no')}: ${failedDrill}`;
  return provenAt === undefined ? paint('yellow', 'no: no drill has restored this point') : instant(provenAt);
}

export function renderPreview(preview: Preview, paint: Paint): string {
  const { approvals, times } = preview;
  const known = <T>(value: T | undefined, text: (value: T) => string) => (value === undefined ? paint('yellow', 'not known') : text(value));
  const facts: [string, string][] = [
    ['point', known(preview.point, (point) => `${preview.asset}/${point}`)],
    [
      'data up to',
      known(preview.dataUpTo, (at) => `${instant(at)}, ${secondsText(preview.ageSeconds ?? 0)} old: what was written since is not in it`),
    ],
    ...(preview.asOf === undefined ? [] : ([['as of', preview.asOf]] as [string, string][])),
    ['proven', provenOf(preview, paint)],
    [
      'size',
      known(
        preview.databaseBytes,
        (bytes) =>
          `${bytesText(bytes)} at the source, ${bytesText(preview.storedBytes ?? 0)} stored${preview.selected === undefined ? '' : ': the whole point, of which less is restored'}`,
      ),
    ],
    ...(preview.selected === undefined
      ? []
      : ([['taken', preview.selected.text], ...preview.selected.unknown.map((text) => ['', paint('yellow', text)])] as [string, string][])),
    [
      'target',
      `${preview.target}: ${known(preview.database, (name) => `the ${preview.target === 'beside' ? 'new ' : ''}database ${name}`)}`,
    ],
    ['room', roomOf(preview, paint)],
    ['not asked', preview.notAsked],
    ...(preview.owners === undefined ? [] : ([['owners', preview.owners]] as [string, string][])),
    ['stopped', preview.stops.length === 0 ? 'nothing' : preview.stops.join('; ')],
    [
      'must agree',
      approvals.needed === 0
        ? 'nobody'
        : `${approvals.needed} of ${approvals.approvers.map(roleName).join(', ')}, within ${secondsText(approvals.expirySeconds)}; never who asks, and one more where nobody can say who that was`,
    ],
    [
      'took before',
      times.length === 0
        ? paint('yellow', 'no drill of this asset has passed')
        : times.map(({ seconds, target, point }) => `${secondsText(seconds)} (drill of ${point} on: ${target})`).join('; '),
    ],
    ['price', known(preview.priceUsd, (usd) => `about $${usd.toFixed(2)} for the tasks, before the database server’s own disk`)],
  ];
  const problems = ['', paint('red', 'It could not start:'), ...preview.problems.map((problem) => `  ${problem}`)];
  return [
    paint('bold', `A restore of ${preview.system}/${preview.asset}, which is not started by this`),
    // Without a point nothing of this is known.
    ...(preview.point === undefined ? [] : facts.map(([name, value]) => `  ${name.padEnd(14)}${value}`)),
    ...(preview.problems.length > 0 ? [] : ['', 'It would:', ...preview.steps.map((step, index) => `  ${index + 1}. ${step}`)]),
    ...(preview.gaps.length === 0 ? [] : ['', 'Declared gaps:', ...preview.gaps.map((gap) => `  ${gap}`)]),
    ...(preview.notRestorable.length === 0
      ? []
      : ['', paint('red', 'What these keys encrypted may stay unreadable:'), ...preview.notRestorable.map((why) => `  ${why}`)]),
    ...preview.notSeen.map((note) => `\n${paint('yellow', note)}`),
    ...(preview.problems.length === 0 ? [] : problems),
  ].join('\n');
}
