import { ScenarioEvidence } from '../../drill/scenario.ts';
import { secondsText } from '../../quantities.ts';
import { pill, time } from '../sections/parts.ts';
import type { DescribedEvidence } from './model.ts';
import { id, VERDICTS } from './parts.ts';

export function describeScenario(record: unknown): DescribedEvidence | undefined {
  const parsed = ScenarioEvidence.safeParse(record);
  if (!parsed.success) return undefined;
  const { scenario, judgedAt, outcome, reasons, drills, measured, run, execution } = parsed.data;
  const { rtoSeconds, dataPointsApartSeconds, lossSeconds } = measured;
  return {
    title: 'Scenario of several assets',
    at: judgedAt,
    asset: undefined,
    outcome: VERDICTS[outcome],
    facts: [
      ['Scenario', scenario],
      ['Restored in', rtoSeconds === undefined ? 'not all of it was' : secondsText(rtoSeconds)],
      ...(dataPointsApartSeconds === undefined ? [] : ([['Data points apart', secondsText(dataPointsApartSeconds)]] as const)),
      ...(lossSeconds === undefined ? [] : ([['Lost of what was before the damage', `the last ${secondsText(lossSeconds)}`]] as const)),
      ['Run', id(run)],
      ['Execution', id(execution)],
    ],
    notes: reasons,
    tables: [
      {
        caption: 'What was drilled for it',
        headers: ['Asset', 'Outcome', 'Point', 'Data as of', 'Restored in', 'Evidence'],
        rows: drills.map((drill) => [
          drill.asset,
          pill(VERDICTS[drill.outcome].colour, VERDICTS[drill.outcome].word),
          drill.point === undefined ? 'none' : id(drill.point),
          drill.consistentAt === undefined ? 'not known' : time(drill.consistentAt),
          drill.rtoSeconds === undefined ? 'not known' : secondsText(drill.rtoSeconds),
          drill.evidence === undefined ? 'none' : id(drill.evidence),
        ]),
      },
    ],
  };
}
