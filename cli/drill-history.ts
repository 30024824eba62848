import { z } from 'zod';
import { DrillEvidence } from '../core/drill/contract.ts';
import { parseJson } from '../core/parse-json.ts';
import type { ObjectReader } from '../core/ports/object-store.ts';
import { secondsText } from '../core/quantities.ts';
import { chooseAsset } from './assets.ts';
import { READING_EXITS } from './exit-codes.ts';
import { instant } from './output/instant.ts';
import type { Paint } from './output/paint.ts';
import { table } from './output/table.ts';
import { FromPlace } from './place.ts';
import { openPoints } from './points.ts';
import { defineVerb } from './verb.ts';

const STYLES = { passed: 'green', failed: 'red', 'could-not-run': 'yellow' } as const;

export const drillHistory = defineVerb({
  name: 'drill history',
  summary: 'List the drills that were held in both regions, newest first: outcome, point, and the times that were measured',
  positionals: [{ name: 'asset', help: 'the database asset (all assets when left out)', isRequired: false }],
  options: [
    { flags: '--limit <count>', help: 'show so many drills (default: 20)' },
    { flags: '--failed', help: 'those that did not pass alone' },
    { flags: '--from <place>', help: 'the one that must be read, vault or replica; the other where it can be (default: vault)' },
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
    const { readEvidence } = await import('./evidence/read-evidence.ts');
    const { drillsOf } = await import('./evidence/read-drills.ts');
    const { onceEach, readOtherRegion } = await import('./evidence/read-other-region.ts');
    const now = context.frame.now();
    const read = async (reader: ObjectReader) => {
      const found: DrillEvidence[] = [];
      for await (const { body } of readEvidence(reader, drillsOf(plan, now))) {
        const drill = DrillEvidence.safeParse(parseJson(body));
        if (!drill.success || (asset !== undefined && drill.data.asset !== asset)) continue;
        if (!failed || drill.data.outcome !== 'passed') found.push(drill.data);
        if (found.length === limit) break;
      }
      return found;
    };
    const region = { plan, connection: await context.connect(), environment: context.frame.environment, from, verb: 'drill history' };
    const own = await vault.reading(() => read(vault.reader));
    const other = await readOtherRegion(region, read);
    const drills = onceEach(own, other.found ?? [])
      .toSorted((a, b) => (a.run < b.run ? 1 : -1))
      .slice(0, limit);
    const notes = other.found ? [] : [other.note];
    return {
      data: { system: plan.system, from, drills: drills.map(summary), notes },
      text: (paint) =>
        [
          drills.length === 0 ? `There is no ${failed ? 'drill that did not pass' : 'drill'}` : render(drills, paint),
          ...notes.map((note) => paint('yellow', note)),
        ].join('\n'),
    };
  },
});

const TOLD = [
  'asset',
  'run',
  'judgedAt',
  'outcome',
  'reasons',
  'point',
  'from',
  'scenario',
  'isNewest',
  'damagedAt',
  'objectives',
  'measured',
  'times',
] as const satisfies (keyof DrillEvidence)[];
const summary = (drill: DrillEvidence) => Object.fromEntries(TOLD.map((name) => [name, drill[name]]));

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
