import { bytesText, secondsText } from '../../quantities.ts';
import { RestoreFailure, RestoreFollowUp, RestoreResult } from '../../restore/result.ts';
import { describePart, isEverything, type RestoreSelection } from '../../restore/selection.ts';
import { pill, time } from '../sections/parts.ts';
import { isNothing, spentText, wordTimes } from '../time-words.ts';
import type { DescribedEvidence, EvidenceTable } from './model.ts';
import { id } from './parts.ts';

const secondsBetween = (from: string, to: string) => (Date.parse(to) - Date.parse(from)) / 1000;

/** What people do afterwards is in a restore's own record as the plan states it; a sign-off says what it took. */
const timeFacts = ({ elapsedSeconds, ...times }: NonNullable<RestoreResult['times']>): [string, string][] =>
  [
    ...wordTimes(times).map(({ name, word, seconds }) => ({
      name,
      word: name === 'followUpSeconds' ? `${word}, as the plan states them` : word,
      seconds,
    })),
    { name: 'elapsedSeconds' as const, word: 'From the request to this record', seconds: elapsedSeconds ?? 0 },
  ].flatMap(({ name, word, seconds }): [string, string][] => (isNothing(name, seconds) ? [] : [[word, spentText(seconds)]]));

const checksTable = (validation: RestoreResult['validation']): EvidenceTable[] =>
  validation === undefined || validation.checks.length === 0
    ? []
    : [
        {
          caption: 'Checks of the restored database, and of what works on it',
          headers: ['Check', 'Expected', 'Measured', 'Outcome'],
          rows: validation.checks.map(({ name, expected, measured, outcome }) => [
            name,
            expected,
            measured,
            outcome === 'passed' ? pill('green', 'Passed') : pill('red', 'Failed'),
          ]),
        },
      ];

/** What of the point it was, where it was not all of it as it is stored. */
function leftOutFacts(selection: RestoreSelection): [string, string][] {
  const part = describePart(selection);
  return [
    ...(part === undefined ? [] : ([['Part', part]] as [string, string][])),
    ...(selection.noOwner
      ? ([['Owners', 'the login of the restore, or, where a database is replaced, its owner']] as [string, string][])
      : []),
    ...(selection.noPrivileges ? ([['Granted', 'nothing']] as [string, string][]) : []),
  ];
}

export function describeRestore(record: unknown): DescribedEvidence | undefined {
  const parsed = RestoreResult.safeParse(record);
  if (!parsed.success) return undefined;
  const { asset, point, run, database, startedAt, finishedAt, bytesRestored, notes, target = 'beside', kept, safety } = parsed.data;
  const { times = {}, validation, resumed, failed, selection = {} } = parsed.data;
  const part = describePart(selection);
  return {
    title: 'Restore',
    at: finishedAt,
    asset,
    outcome: outcomeOf(parsed.data),
    facts: [
      ['Point', id(point)],
      [target === 'beside' ? 'New database' : 'Database', id(database)],
      ...(target === 'beside' ? [] : ([['Target', target]] as [string, string][])),
      ...(kept === undefined ? [] : ([['The old one is kept as', id(kept)]] as [string, string][])),
      ...(safety === undefined ? [] : ([['Safety backup of the old one', id(safety)]] as [string, string][])),
      ['Started', time(startedAt)],
      ['Took', secondsText(secondsBetween(startedAt, finishedAt))],
      ...timeFacts(times),
      ...leftOutFacts(selection),
      [part === undefined ? 'Restored' : 'Size of the whole point', bytesText(bytesRestored)],
      ['Run', id(run)],
    ],
    notes: [
      ...notes,
      ...[failed?.message, validation?.unchecked, resumed?.message].flatMap((said = '') => (said === '' ? [] : [`${said}.`])),
    ],
    tables: checksTable(validation),
  };
}

/** The point stands where it was to go in any case: what is told is whether people can work. */
export function outcomeOf({ validation, resumed, failed, selection = {} }: RestoreResult): DescribedEvidence['outcome'] {
  if (resumed?.complete === false) return { colour: 'red', word: 'Restored, not all put back' };
  if (validation?.checks.some(({ outcome }) => outcome === 'failed')) return { colour: 'red', word: 'Restored, a check failed' };
  if (failed !== undefined) return { colour: 'red', word: 'Restored, and the run failed' };
  return { colour: 'green', word: isEverything(selection) ? 'Restored' : 'Restored in part' };
}

/** What became of the database that a restore in place has kept. */
export function describeRestoreFollowUp(record: unknown): DescribedEvidence | undefined {
  const parsed = RestoreFollowUp.safeParse(record);
  if (!parsed.success) return undefined;
  const { action, asset, run, of, database, kept, finishedAt, notes } = parsed.data;
  return {
    title: action === 'undo' ? 'Undo of a restore' : 'End of a restore',
    at: finishedAt,
    asset,
    outcome: action === 'undo' ? { colour: 'amber', word: 'Undone' } : { colour: 'green', word: 'Finished' },
    facts: [
      ['Restore', id(of)],
      ['Database', id(database)],
      ...(kept === undefined ? [] : ([['What was restored is kept as', id(kept)]] as [string, string][])),
      ['Run', id(run)],
    ],
    notes,
    tables: [],
  };
}

const OF_FAILURES = {
  restore: 'Restore that did not come through',
  undo: 'Undo that did not come through',
  finish: 'End of a restore that did not come through',
};

/** What began and did not come through: what there is now, and what stays stopped. */
export function describeRestoreFailure(record: unknown): DescribedEvidence | undefined {
  const parsed = RestoreFailure.safeParse(record);
  if (!parsed.success) return undefined;
  const { action, outcome, asset, point, run, of, target, database, startedAt, endedAt, step, failure, reasons, left, safety } =
    parsed.data;
  const { validation, resumed, times = {}, selection = {} } = parsed.data;
  const word = outcome === 'refused' ? 'Refused' : 'Failed';
  return {
    title: OF_FAILURES[action],
    at: endedAt,
    asset,
    outcome: { colour: 'red', word: resumed?.complete === false ? `${word}, not all put back` : word },
    facts: [
      ...(of === undefined ? [] : ([['Restore', id(of)]] as [string, string][])),
      ['Point', id(point)],
      ['Target', target],
      ['Database', id(database)],
      ...leftOutFacts(selection),
      ['At', step],
      ['Class', id(failure)],
      ...(safety === undefined ? [] : ([['Safety backup', id(safety)]] as [string, string][])),
      ['Started', time(startedAt)],
      ...timeFacts(times),
      ['Run', id(run)],
    ],
    notes: [...reasons, ...left, ...(resumed === undefined ? [] : [resumed.message])].map((said) => `${said.replace(/\.$/, '')}.`),
    tables: checksTable(validation),
  };
}
