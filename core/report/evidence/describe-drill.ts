import { DrillEvidence, DrillResult } from '../../drill/contract.ts';
import { measuredRpo } from '../../drill/measured-rpo.ts';
import { bytesText, plural, secondsText } from '../../quantities.ts';
import { time } from '../sections/parts.ts';
import { wordTimes } from '../time-words.ts';
import type { DescribedEvidence } from './model.ts';
import { id, passed, VERDICTS } from './parts.ts';

export function describeDrill(record: unknown): DescribedEvidence | undefined {
  const parsed = DrillEvidence.safeParse(record);
  if (!parsed.success) return undefined;
  const {
    asset,
    judgedAt,
    outcome,
    reasons,
    point,
    from,
    objectives,
    measured,
    result,
    execution,
    run,
    scenario,
    damagedAt,
    times,
    stated,
  } = parsed.data;
  return {
    title: 'Drill',
    at: judgedAt,
    asset,
    outcome: VERDICTS[outcome],
    facts: [
      ['Point', point === undefined ? 'none' : id(point)],
      ['From', from === 'replica' ? 'replica vault' : 'vault'],
      ...(scenario === undefined ? [] : ([['Scenario', scenario]] as const)),
      ['On', measured.target],
      [
        'RTO',
        `${secondsText(objectives.rtoSeconds)}; measured ${measured.rtoSeconds === undefined ? 'nothing' : secondsText(measured.rtoSeconds)}`,
      ],
      ['RPO', `${secondsText(objectives.rpoSeconds)}; measured ${rpoText(parsed.data)}`],
      ...(damagedAt === undefined ? [] : ([['Damage that was played', time(damagedAt)]] as const)),
      ...(measured.lossSeconds === undefined
        ? []
        : ([['Lost of what was before it', `the last ${secondsText(measured.lossSeconds)}`]] as const)),
      ['Run', id(run)],
      ['Execution', id(execution)],
    ],
    notes: [...reasons, ...(result?.notes ?? [])],
    tables: [...timesTable(times, stated), ...(result ? resultTables(result) : [])],
  };
}

/** The age of a point that was not the newest is no RPO. */
function rpoText(drill: DrillEvidence): string {
  const seconds = measuredRpo(drill);
  if (seconds !== undefined) return secondsText(seconds);
  const { rpoSeconds, dataAgeSeconds = rpoSeconds } = drill.measured;
  return dataAgeSeconds === undefined
    ? 'nothing'
    : `by drills of the newest point alone: the data of this one was ${secondsText(dataAgeSeconds)} old`;
}

/** What it is made of. What nobody measured is not there. */
function timesTable(times: DrillEvidence['times'] = {}, stated: readonly string[] = []): DescribedEvidence['tables'] {
  const rows = wordTimes(times).map(({ name, word, seconds }) => [
    word,
    secondsText(seconds),
    stated.includes(name) ? 'stated by the plan' : 'measured',
  ]);
  return rows.length === 0 ? [] : [{ caption: 'Times of the recovery', headers: ['Part', 'Takes', 'Known from'], rows }];
}

const resultTables = ({ phases, checks }: DrillResult): DescribedEvidence['tables'] => [
  {
    caption: 'Phases',
    headers: ['Phase', 'Took'],
    rows: phases.map(({ name, seconds }) => [name.replaceAll('-', ' '), secondsText(seconds)]),
  },
  {
    caption: plural(checks.length, 'check'),
    headers: ['Check', 'Kind', 'Expected', 'Measured', 'Outcome'],
    rows: checks.map(({ name, kind, expected, measured, outcome }) => [name, kind, expected, measured, passed(outcome)]),
  },
];

export function describeDrillResult(record: unknown): DescribedEvidence | undefined {
  const parsed = DrillResult.safeParse(record);
  if (!parsed.success) return undefined;
  const { data } = parsed;
  const failed = data.checks.filter(({ outcome }) => outcome === 'failed').length;
  return {
    title: 'Measurements of a drill',
    at: data.finishedAt,
    asset: data.asset,
    outcome: { colour: 'no data', word: failed === 0 ? 'Measured' : `${plural(failed, 'check')} failed` },
    facts: [
      ['Point', id(data.point)],
      ['From', data.from === 'replica' ? 'replica vault' : 'vault'],
      ['Data as of', time(data.consistentAt)],
      ['Restored', bytesText(data.bytesRestored)],
      ['Server', data.serverVersion || 'none'],
      ['Run', id(data.run)],
    ],
    notes: ['What the task measured before anybody judged it; the drill’s own record has the verdict.', ...data.notes],
    tables: resultTables(data),
  };
}
