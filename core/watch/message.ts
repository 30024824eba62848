/** What people are sent of what a watcher found: what, on what, what to do, and the heading of the runbook. Pure. */
import { oneLine } from '../failure/message.ts';
import { fromOption, type VaultSide } from '../vault/side.ts';
import { explainFinding, headingOf, nextStep, type Finding, type FindingKind } from './finding.ts';
import type { Told } from './select-told.ts';

/** SNS refuses a longer subject, and 256 KiB in all. */
const SUBJECT_CHARACTERS = 100;
const TEXT_CHARACTERS = 500;
const MOST_TOLD = 40;

const WHERE = { vault: 'the vault', replica: 'the replica' } as const;
/** Worst first. */
const KINDS: readonly { kinds: readonly FindingKind[]; called: string }[] = [
  { kinds: ['objective-broken', 'replica-behind', 'point-unfinished', 'record-damaged'], called: 'broken' },
  { kinds: ['slot-missed'], called: 'missed' },
  { kinds: ['not-seen', 'no-data'], called: 'without data' },
  { kinds: ['clock-differs'], called: 'clock differs' },
];

type Around = { system: string; side: VaultSide; region: string };

export function watchSubject({ findings, isSummary }: Told, { system, side }: Around): string {
  const counts = KINDS.flatMap(({ kinds, called }) => {
    const count = findings.filter(({ kind }) => kinds.includes(kind)).length;
    return count === 0 ? [] : [`${count} ${called}`];
  });
  const what = `${isSummary ? 'of the day: ' : ''}${counts.join(', ')}`;
  return oneLine(`Holdfast: ${system}, seen from ${WHERE[side]}: ${what}`.replaceAll(/[^\x20-\x7e]/g, '?'), SUBJECT_CHARACTERS);
}

export function watchBody({ findings, isSummary }: Told, around: Around): string {
  const rank = ({ kind }: Finding) => KINDS.findIndex(({ kinds }) => kinds.includes(kind));
  const sorted = findings.toSorted((a, b) => rank(a) - rank(b));
  const more = sorted.length - MOST_TOLD;
  const from = fromOption(around.side);
  return [
    isSummary
      ? 'Everything that is not as the plan says, once a day for as long as it lasts.'
      : 'New since the last look. What lasts comes again, in the summary of the day.',
    '',
    ...sorted.slice(0, MOST_TOLD).map((finding) => paragraph(finding, around)),
    ...(more > 0 ? [`And ${more} more. All of it: npx holdfast status${from}`, ''] : [`All of it: npx holdfast status${from}`, '']),
  ].join('\n');
}

const paragraph = (finding: Finding, { system, side, region }: Around): string =>
  [
    `What       ${oneLine(explainFinding(finding), TEXT_CHARACTERS)}`,
    `On what    ${finding.asset === '' ? '' : `asset ${finding.asset} of `}${system}, seen from ${WHERE[side]} in ${region}`,
    ...('since' in finding && finding.since !== undefined ? [`Since      ${finding.since}`] : []),
    `Do next    ${nextStep(finding, side)}`,
    `Runbook    docs/runbook.md, heading ${headingOf(finding)}`,
    '',
  ].join('\n');
