/** What is left to people after a restore, what of it is done, and the record of whoever says that it is good. Pure. */
import type { Caller } from '../approval/caller.ts';
import { durationSeconds } from '../plan/durations.ts';
import type { FollowUp } from '../plan/schema-follow-ups.ts';
import type { StoppingPaper, ResumedPaper } from '../quiesce/contract.ts';
import type { RestoreResult } from '../restore/result.ts';
import type { RecoveryTimes } from '../restore/times.ts';
import { instantOfRun } from '../vault/ids.ts';
import type { Item } from './contract.ts';
import { NotSignable } from './errors.ts';
import { NOTHING_LEFT, type SignOff, type Tick } from './records.ts';

export type Ticks = { checks: (Tick | undefined)[]; followUps: (Tick | undefined)[] };

/** How long the asset cannot be used for it, as the plan states it: secrets of a host one by one, and what takes its time. */
export function followUpSeconds({ count = 0, secondsPerSecret = 0, duration }: FollowUp): number | undefined {
  const seconds = count * secondsPerSecret + (duration === undefined ? 0 : durationSeconds(duration));
  return seconds > 0 ? seconds : undefined;
}

const tickedBy = (tick: Tick | undefined): Pick<Item, 'ticked'> =>
  tick === undefined ? {} : { ticked: { by: tick.by.person, at: tick.at, ...(tick.note === undefined ? {} : { note: tick.note }) } };

/** In the plan's order, checks first. */
export function itemsOf({ leftToPeople = NOTHING_LEFT }: Pick<RestoreResult, 'leftToPeople'>, ticks: Ticks): Item[] {
  const { checks, followUps } = leftToPeople;
  return [
    ...checks.map(({ name, what }, i): Item => ({ kind: 'check', name, what, ...tickedBy(ticks.checks[i]) })),
    ...followUps.map((followUp, i): Item => {
      const { name, what, when } = followUp;
      const seconds = followUpSeconds(followUp);
      return {
        kind: 'follow-up',
        name,
        what,
        ...(when === undefined ? {} : { when }),
        ...(seconds === undefined ? {} : { seconds }),
        ...tickedBy(ticks.followUps[i]),
      };
    }),
  ];
}

export type StepTicks = ReadonlyMap<number, { stop?: Tick | undefined; start?: Tick | undefined }>;

/** What people stop and put back: the second can be said once the machine asks for it, which is after the first. */
export function stepItems(stopping: readonly StoppingPaper[], resumed: readonly ResumedPaper[], ticks: StepTicks): Item[] {
  return stopping.flatMap(({ step, number }): Item[] => {
    if (step.kind !== 'manual') return [];
    const { stop, start } = ticks.get(number) ?? {};
    const isBack = resumed.some((paper) => paper.number === number);
    return [
      { kind: 'step', name: step.name, what: step.what, part: 'stop', ...tickedBy(stop) },
      ...(stop === undefined && !isBack
        ? []
        : [{ kind: 'step' as const, name: step.name, what: step.putBack, part: 'start' as const, ...tickedBy(start) }]),
    ];
  });
}

export const openOf = (items: readonly Item[]): Item[] => items.filter(({ ticked }) => ticked === undefined);

/** Everything ticked, and nobody has signed yet. Throws NotSignable. */
export function composeSignOff(
  { result, resultSha256, ticks }: { result: RestoreResult; resultSha256: string; ticks: Ticks },
  { note, brokenSince }: { note?: string | undefined; brokenSince?: string | undefined },
  by: Caller,
  at: Date,
): SignOff {
  const { system, asset, point, run, database, kept, target = 'beside', leftToPeople = NOTHING_LEFT } = result;
  const open = openOf(itemsOf(result, ticks));
  if (open.length > 0)
    throw new NotSignable(
      `${open.map(({ name }) => name).join(', ')}: nobody has ticked ${open.length === 1 ? 'it' : 'them'} yet`,
      `Look at what is open: npx holdfast restore tick ${run}`,
    );
  const said = (tick: Tick | undefined) => ({
    ...(tick?.note === undefined ? {} : { note: tick.note }),
    by: tick?.by ?? by,
    at: tick?.at ?? at.toISOString(),
  });
  const followUps = leftToPeople.followUps.map((followUp, i) => {
    const { name, kind, what } = followUp;
    const seconds = ticks.followUps[i]?.tookSeconds ?? followUpSeconds(followUp);
    return { name, kind, what, ...(seconds === undefined ? {} : { seconds }), ...said(ticks.followUps[i]) };
  });
  return {
    format: 'holdfast/sign-off/v1',
    system,
    asset,
    point,
    run,
    target,
    database,
    ...(kept === undefined ? {} : { kept }),
    resultSha256,
    checks: leftToPeople.checks.map(({ name, what }, i) => ({ name, what, ...said(ticks.checks[i]) })),
    followUps,
    times: timesOf(result, followUps, brokenSince),
    ...(note === undefined ? {} : { note }),
    by,
    at: at.toISOString(),
  };
}

function timesOf(
  { run, times = {} }: RestoreResult,
  followUps: readonly { seconds?: number | undefined }[],
  brokenSince: string | undefined,
): RecoveryTimes {
  const detectionSeconds = brokenSince === undefined ? undefined : (Date.parse(instantOfRun(run)) - Date.parse(brokenSince)) / 1000;
  if (detectionSeconds !== undefined && detectionSeconds < 0)
    throw new NotSignable(
      `The restore began at ${instantOfRun(run)}, and what made it necessary at ${brokenSince ?? ''}`,
      'Say an instant before the restore, in UTC or with its offset',
    );
  const counted = followUps.flatMap(({ seconds }) => (seconds === undefined ? [] : [seconds]));
  return {
    ...times,
    ...(detectionSeconds === undefined ? {} : { detectionSeconds }),
    ...(counted.length === 0 ? {} : { followUpSeconds: counted.reduce((sum, seconds) => sum + seconds, 0) }),
  };
}
