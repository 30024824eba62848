/** How much may be lost and for how long, what that was measured as, what it is made of, and how long points are kept. */
import { longestIntervalSeconds } from '../../plan/cron.ts';
import { describeSeconds } from '../../plan/durations.ts';
import { recoveryParts } from '../../plan/feasibility.ts';
import type { Asset, KeyAsset, PostgresAsset, ProtectionPlan } from '../../plan/schema.ts';
import { plural } from '../../quantities.ts';
import type { ComparedObjective } from '../compare-objectives.ts';
import { html, type Content, type Markup } from '../html.ts';
import type { ReportModel } from '../model.ts';
import { no, pill, section, table, time } from '../sections/parts.ts';
import { card, isDatabase, spoken } from './parts.ts';

export function objectivesSection({ assets, tiers }: ProtectionPlan, model: ReportModel | undefined, now: Date): Markup {
  const rows = assets.map((asset): Content[] => [
    asset.id,
    spoken(asset.objectives.rpo),
    spoken(asset.objectives.rto),
    isDatabase(asset) ? tierText(asset) : no('none'),
    isDatabase(asset) ? measuredText(asset, model) : readBackText(asset, model, now),
    acceptedText(asset) || no('as stated'),
  ]);
  const headers = ['Asset', 'RPO', 'RTO', 'Tier', 'Measured', 'Accepted'];
  // Sentences beside numbers would take the room that the numbers need.
  const kept = assets.map((asset): Content[] => [asset.id, isDatabase(asset) ? keptText(asset) : 'every version, for ever']);
  return section('objectives', 'How much may be lost, and for how long', 'What the owner expects, beside what drills measured.', [
    card(table(plural(rows.length, 'asset'), headers, rows)),
    card(table('How long it is kept', ['Asset', 'Kept'], kept)),
    partsTable(assets),
    tiersTable(tiers),
  ]);
}

const acceptedText = ({ objectives: { accepted } }: Asset): string =>
  (['rpo', 'rto'] as const)
    .flatMap((objective) => {
      const one = accepted?.[objective];
      return one ? [`${objective.toUpperCase()} of ${describeSeconds(one.seconds)}: ${one.by}, ${one.at.slice(0, 10)}`] : [];
    })
    .join('; ');

const tierText = ({ tier }: PostgresAsset): Content =>
  [tier?.cadence, tier?.size && `${tier.size}, ${tier.host} host`].filter((name) => name !== undefined).join('; ') || no('none');

const VERDICTS = {
  met: pill('green', 'Met'),
  accepted: pill('amber', 'Within a gap'),
  unaccepted: pill('amber', 'Not accepted yet'),
  missed: pill('amber', 'Missed'),
  unknown: undefined,
} as const satisfies Record<ComparedObjective['verdict'], Markup | undefined>;

function measuredText({ id }: PostgresAsset, model: ReportModel | undefined): Content {
  const measured = model?.databases.find((one) => one.id === id)?.objectives.filter((one) => one.measured) ?? [];
  if (measured.length === 0) return no(model ? 'no drill passed yet' : 'not looked at');
  return measured.map(({ name, measured: one, verdict }) => {
    const people = one?.people === undefined ? '' : `, and ${describeSeconds(one.people)} that people take, as the plan states it`;
    return html`<div>${name} ${describeSeconds(one?.seconds ?? 0)}${people} ${VERDICTS[verdict]} <small>on ${one?.on}</small></div>`;
  });
}

/** What the plan promises is no measurement: it is called a promise. */
function readBackText({ id, escrow }: KeyAsset, model: ReportModel | undefined, now: Date): Content {
  const seconds = longestIntervalSeconds(escrow.schedule, now);
  const promised = Number.isFinite(seconds) ? `planned every ${describeSeconds(seconds)}` : 'planned by its schedule';
  const last = model?.keys.find((key) => key.id === id)?.readBacks[0]?.at;
  if (last !== undefined) return html`last read back ${time(last)}; ${promised}`;
  return html`${no(model ? 'not read back yet' : 'not looked at')}; to be read back: ${promised}`;
}

const WINDOWS = ['hourly', 'daily', 'monthly', 'yearly'] as const;
const OF_EACH = { hourly: 'hour', daily: 'day', monthly: 'month', yearly: 'year' } as const;

function keptText({ retention, lock }: PostgresAsset): string {
  const { hot, keepLast, keepProven, forever, cold, statedLimit } = retention;
  const windows = WINDOWS.flatMap((name) => {
    const length = retention[name];
    return length === undefined ? [] : [`the first good one of each ${OF_EACH[name]} for ${spoken(length)}`];
  });
  return [
    forever ? 'every point for ever' : [`every point for ${spoken(hot)}`, ...windows].join(', '),
    `never fewer than ${[`${keepProven} proven`, ...(keepLast === undefined ? [] : [`the last ${keepLast} good`])].join(' and ')}`,
    ...(cold === undefined ? [] : [`data older than ${spoken(cold.after)} in ${cold.class}`]),
    ...(statedLimit === undefined ? [] : [`no longer than the ${spoken(statedLimit)} that data protection allows`]),
    `each locked for ${spoken(lock.length)} (${lock.mode})${windows.length === 0 ? '' : ', the first of a window until it ends'}`,
  ].join('; ');
}

/** What the plan states or assumes that a recovery is made of. */
function partsTable(assets: readonly Asset[]): Content {
  const rows = assets
    .filter(isDatabase)
    .flatMap((asset) =>
      recoveryParts(asset).map(({ name, seconds, how, source }): Content[] => [
        asset.id,
        name,
        describeSeconds(seconds),
        `${source}: ${how}`,
      ]),
    );
  return rows.length === 0 ? undefined : card(table('What a recovery is expected to take', ['Asset', 'Part', 'Time', 'By'], rows));
}

function tiersTable(tiers: ProtectionPlan['tiers']): Content {
  if (tiers === undefined) return undefined;
  const rows = [
    ...tiers.cadence.map(({ name, how, rpo, every, isProvided }): Content[] => [
      name,
      `RPO ${spoken(rpo)}`,
      `${how}, every ${spoken(every)}${isProvided ? '' : '; observed, not provided by backups'}`,
    ]),
    ...tiers.size.map(({ name, mostObjects, rtoSameHost, rtoNewHost }): Content[] => [
      name,
      `RTO ${spoken(rtoSameHost)} on the same host, ${spoken(rtoNewHost)} on a new one`,
      `up to ${mostObjects} objects`,
    ]),
  ];
  return rows.length === 0 ? undefined : card(table('Tiers', ['Tier', 'Promises', 'By'], rows));
}
