import { z } from 'zod';
import { DrillEvidence } from '../core/drill/contract.ts';
import { parseJson } from '../core/parse-json.ts';
import { secondsText } from '../core/quantities.ts';
import { chooseAsset } from './assets.ts';
import { READING_EXITS } from './exit-codes.ts';
import { instant } from './output/instant.ts';
import type { Paint } from './output/paint.ts';
import { table } from './output/table.ts';
import { FromPlace } from './place.ts';
import { FROM_OPTION, openPoints } from './points.ts';
import { defineVerb } from './verb.ts';

const STYLES = { passed: 'green', failed: 'red', 'could-not-run': 'yellow' } as const;

export const drillHistory = defineVerb({
  name: 'drill history',
  summary: 'List the drills that were held, newest first: outcome, point, and the times that were measured',
  positionals: [{ name: 'asset', help: 'the database asset (all assets when left out)', isRequired: false }],
  options: [
    { flags: '--limit <count>', help: 'show so many drills (default: 20)' },
    { flags: '--failed', help: 'those that did not pass alone' },
    FROM_OPTION,
  ],
  isRemote: true,
  examples: [
    'npx holdfast drill history',
    'npx holdfast drill history postgres --failed',
    'npx holdfast drill history --limit 100 --output json',
  ],
  exits: [...READING_EXITS],
  input: z.strictObject({
    asset: z.string().optional(),
    limit: z.coerce.number('is a number').int('is a whole number').min(1, 'is at least 1').max(1000, 'is at most 1000').default(20),
    failed: z.boolean().default(false),
    from: FromPlace,
  }),
  async run(context, { asset: id, limit, failed, from }) {
    const plan = context.plan();
    const asset = id === undefined ? undefined : chooseAsset(plan, 'postgres', id, 'drill history').id;
    const vault = await openPoints(context, from);
    const { readEvidence, yearsBack } = await import('./evidence/read-evidence.ts');
    const drills = await vault.reading(async () => {
      const found: DrillEvidence[] = [];
      const wanted = { system: plan.system, kind: 'drill', years: yearsBack(context.frame.now()) };
      for await (const { body } of readEvidence(vault.reader, wanted)) {
        // Results of drills are of a kind that begins alike, and are judged by these.
        const drill = DrillEvidence.safeParse(parseJson(body));
        if (!drill.success || (asset !== undefined && drill.data.asset !== asset)) continue;
        if (!failed || drill.data.outcome !== 'passed') found.push(drill.data);
        if (found.length === limit) break;
      }
      return found;
    });
    return {
      data: { system: plan.system, from, drills: drills.map(summary) },
      text: (paint) =>
        drills.length === 0 ? `No ${failed ? 'drill that did not pass' : 'drill'} is in the ${from}` : render(drills, paint),
    };
  },
});

const summary = ({
  asset,
  run,
  judgedAt,
  outcome,
  reasons,
  point,
  from,
  scenario,
  isNewest,
  damagedAt,
  objectives,
  measured,
  times,
}: DrillEvidence) => ({
  asset,
  run,
  judgedAt,
  outcome,
  reasons,
  point,
  from,
  scenario,
  isNewest,
  damagedAt,
  objectives,
  measured,
  times,
});

const render = (drills: readonly DrillEvidence[], paint: Paint): string =>
  table(
    ['JUDGED', 'ASSET', 'OUTCOME', 'POINT', 'FROM', 'RESTORED IN', 'RTO', 'DATA WAS', 'WHY'],
    drills.map(({ judgedAt, asset, outcome, point, from, scenario, measured, objectives, reasons }) => [
      instant(judgedAt),
      asset,
      paint(STYLES[outcome], outcome),
      point ?? '-',
      `${from ?? '-'}${scenario === undefined ? '' : `, as ${scenario}`}`,
      measured.rtoSeconds === undefined ? '-' : over(measured.rtoSeconds, objectives.rtoSeconds, paint),
      secondsText(objectives.rtoSeconds),
      age(measured),
      outcome === 'passed' ? '' : (reasons[0] ?? ''),
    ]),
  );

const age = ({ rpoSeconds, dataAgeSeconds = rpoSeconds }: DrillEvidence['measured']) =>
  dataAgeSeconds === undefined ? '-' : `${secondsText(dataAgeSeconds)} old`;

const over = (seconds: number, limit: number, paint: Paint) =>
  seconds > limit ? paint('yellow', secondsText(seconds)) : secondsText(seconds);
