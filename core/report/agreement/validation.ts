/** Where and by what a restore is validated, what people do after it, and what is played through with what came of it. */
import { describeSeconds } from '../../plan/durations.ts';
import type { FollowUp } from '../../plan/schema-follow-ups.ts';
import type { ProtectionPlan, PostgresAsset } from '../../plan/schema.ts';
import { plural, secondsText } from '../../quantities.ts';
import { VERDICTS } from '../evidence/parts.ts';
import { html, type Content, type Markup } from '../html.ts';
import type { ReportModel } from '../model.ts';
import { factList } from '../page.ts';
import { no, pill, section, table, time } from '../sections/parts.ts';
import { card, isDatabase, spoken } from './parts.ts';
import { lastPlayOf, type AgreementProofs } from './proofs.ts';

export function validationSection(plan: ProtectionPlan, model: ReportModel | undefined, proofs: AgreementProofs | undefined): Markup {
  const place = plan.agreement?.restoreEnvironment;
  return section(
    'validation',
    'Where a restore is validated, and what is played through',
    'Drills restore into a database that is gone afterwards; a real restore is looked at here before anybody works with it.',
    [
      place
        ? factList([
            ['Environment', place.name],
            ['What is there', place.what],
            ['Who gives access', place.contact ?? no('not said')],
          ])
        : card(no('No environment is named')),
      checksTable(plan),
      followUpsTable(plan),
      scenariosTable(plan, model, proofs),
    ],
  );
}

const namesOf = (all: readonly { name: string }[] = []): Content => all.map(({ name }) => name).join(', ') || no('none');

function checksTable({ assets }: ProtectionPlan): Content {
  const rows = assets.filter(isDatabase).flatMap((asset): Content[][] => [drilled(asset), restored(asset)]);
  const headers = ['Of', 'SQL', 'Rows counted', 'Over HTTP', 'Logins', 'By eye', 'Values opened'];
  return rows.length === 0 ? undefined : card(table('What shows that it came back', headers, rows));
}

const drilled = ({ id, drill }: PostgresAsset): Content[] => [
  `each drill of ${id}`,
  namesOf(drill.checks),
  drill.rowCounts.map((one) => one.table).join(', ') || no('none'),
  namesOf(drill.application?.probes),
  namesOf(drill.application?.logins),
  no('none'),
  drill.canaries.map(({ key, name }) => name ?? `one with ${key}`).join(', ') || no('none'),
];

const restored = ({ id, restore }: PostgresAsset): Content[] => [
  `a real restore of ${id}`,
  namesOf(restore?.validation?.checks),
  restore?.validation?.rowCounts.map((one) => one.table).join(', ') || no('none'),
  namesOf(restore?.validation?.probes),
  namesOf(restore?.validation?.logins),
  namesOf(restore?.validation?.manual),
  no('none'),
];

/** In the plan's order, which is the order in which they are done. */
function followUpsTable({ assets }: ProtectionPlan): Content {
  const rows = assets.flatMap((asset) => {
    const followUps = (asset.kind === 'key' ? asset.followUps : asset.restore?.followUps) ?? [];
    return followUps.map((one, i): Content[] => [
      `${asset.id}, ${i + 1} of ${followUps.length}`,
      one.name,
      one.what,
      one.when ?? 'always',
      timeOf(one),
    ]);
  });
  const headers = ['After, in this order', 'What', 'How', 'When', 'Takes'];
  return rows.length === 0 ? undefined : card(table('What people do after a restore', headers, rows));
}

function timeOf({ count, secondsPerSecret, duration }: FollowUp): Content {
  if (count !== undefined && secondsPerSecret !== undefined)
    return `${plural(count, 'secret')}, ${secondsPerSecret} s each: ${describeSeconds(count * secondsPerSecret)}`;
  return duration === undefined ? no('no time of the RTO') : spoken(duration);
}

function scenariosTable({ scenarios }: ProtectionPlan, model: ReportModel | undefined, proofs: AgreementProofs | undefined): Content {
  const rows = scenarios.map((scenario): Content[] => {
    const { name, what, assets, from, noticedAfter, checks } = scenario;
    const play = model && lastPlayOf(scenario, model, proofs);
    return [
      name,
      what,
      assets.join(', '),
      `${noticedAfter === undefined ? 'the newest point' : `the newest point from before ${spoken(noticedAfter)}`} of the ${from}`,
      checks.map((check) => check.name).join(', ') || no('those of every drill'),
      play
        ? html`${time(play.at)}
          ${pill(VERDICTS[play.outcome].colour, VERDICTS[play.outcome].word)}${play.seconds === undefined ? '' : ` in ${secondsText(play.seconds)}`}`
        : no(neverPlayed(model)),
    ];
  });
  const headers = ['Scenario', 'What happened', 'Restored', 'From', 'Checked besides', 'Last played'];
  return rows.length === 0 ? undefined : card(table(plural(rows.length, 'scenario'), headers, rows));
}

const neverPlayed = (model: ReportModel | undefined): string => {
  if (model === undefined) return 'not looked at';
  return model.otherRegionUnread === undefined ? 'never yet' : 'not in the region that was looked at';
};
