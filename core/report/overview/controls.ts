/**
 * What two norms ask of backups, in our own words, beside what this system has to show. It is a map for an auditor, and no audit: the norm's
 * text and the organisation's own procedures decide.
 */
import { plural, secondsText } from '../../quantities.ts';
import type { KeyReport, ReportModel } from '../model.ts';
import type { ControlAnswer, Overview } from './model.ts';
import { describeMissed } from './run-calendar.ts';

type Parts = Omit<Overview, 'controls'>;
type Answer = Omit<ControlAnswer, 'norm'>;

const state = (done: number, of: number): ControlAnswer['state'] => (of > 0 && done === of ? 'shown' : done > 0 ? 'partly' : 'not shown');
const ofAll = (done: number, of: number, what: string) => `${done} of ${plural(of, what)}`;

/** @param reviewedAt when owner and operator last looked at the plan together; undefined when they never did */
export function answerControls(model: ReportModel, parts: Parts, reviewedAt: string | undefined): ControlAnswer[] {
  const answers: Answers = {
    ...byDesign(model, parts, reviewedAt),
    ...ofPoints(model, parts),
    ...ofDrills(model, parts),
    ...ofKeys(model),
  };
  const iso = [
    answers.policy,
    answers.done,
    answers.complete,
    answers.apart,
    answers.protectedCopies,
    answers.tested,
    answers.keys,
    answers.kept,
  ];
  const soc = [answers.policy, answers.done, answers.apart, answers.recoverable, answers.watched];
  return [
    ...iso.map((answer) => ({ norm: 'ISO/IEC 27001:2022, A.8.13' as const, ...answer })),
    ...soc.map((answer) => ({ norm: 'SOC 2, A1.2' as const, ...answer })),
  ];
}

/** What a page cannot look at is never called shown. */
function byDesign(
  model: ReportModel,
  { locks, calendar }: Parts,
  reviewedAt: string | undefined,
): Pick<Answers, 'policy' | 'kept' | 'watched'> {
  const reviewed = reviewedAt === undefined ? 'no review of it is recorded' : `last reviewed on ${reviewedAt.slice(0, 10)}`;
  return {
    policy: {
      asks: 'What is backed up, how often and for how long is decided, agreed on and written down',
      answer: `One protection plan, owned by ${model.owner} and operated by ${model.operator}: ${plural(model.databases.length + model.keys.length, 'asset')}, ${plural(model.gaps.length, 'declared gap')}; ${reviewed}`,
      state: reviewedAt === undefined ? 'partly' : 'shown',
      seeIn: 'Assets; Declared gaps; the plan’s own file',
    },
    kept: {
      asks: 'Copies are kept as long as they must be, and then go',
      answer:
        'By design each point is kept and locked by the plan’s terms; what went and why is signed evidence of each run, which this page does not read',
      state: locks.some(({ points }) => points > 0) ? 'partly' : 'not shown',
      seeIn: 'Locks and replica; evidence of the kind expiry',
    },
    watched: {
      asks: 'Backup and recovery are watched, and failures are acted on',
      answer: `By design a watcher in each region raises an alarm for each missed slot and each asset that is not green; this page counts ${describeMissed(calendar.rows)}, and does not see whether anybody hears the alarms`,
      state: 'partly',
      seeIn: 'Assets; npx holdfast status',
    },
  };
}

function ofPoints(
  model: ReportModel,
  { freshness, locks, calendar }: Parts,
): Pick<Answers, 'done' | 'complete' | 'apart' | 'protectedCopies'> {
  const fresh = freshness.filter(({ ageSeconds, allowedSeconds }) => ageSeconds !== undefined && ageSeconds <= allowedSeconds).length;
  const sumOf = (of: 'points' | 'verified' | 'signed' | 'replicated' | 'read' | 'locked') => locks.reduce((sum, one) => sum + one[of], 0);
  const [points, read] = [sumOf('points'), sumOf('read')];
  const wrong = (model.wrongs ?? []).filter(({ colour }) => colour === 'red').length;
  const complete = state(Math.min(sumOf('verified'), sumOf('signed')), points);
  return {
    done: {
      asks: 'Backups are made as often as the business needs',
      answer: `${ofAll(fresh, freshness.length, 'database')} within what is allowed; of nine weeks ${describeMissed(calendar.rows)}`,
      state: state(fresh, freshness.length),
      seeIn: 'Freshness; Runs of nine weeks',
    },
    complete: {
      asks: 'Copies are complete and correct, and records of them are kept',
      answer: `Every byte of ${ofAll(sumOf('verified'), points, 'point')} was read back; ${sumOf('signed')} have a signature, which npx holdfast evidence verify checks${wrong === 0 ? '' : `; ${plural(wrong, 'thing')} not as it should be`}`,
      state: complete === 'shown' && wrong > 0 ? 'partly' : complete,
      seeIn: wrong === 0 ? 'Recovery points; npx holdfast evidence verify' : 'What is not as it should be; Recovery points',
    },
    apart: {
      asks: 'Copies are kept far enough away that one event does not take both',
      answer: `${ofAll(sumOf('replicated'), points, 'point')} copied from ${model.home} to ${model.replica}`,
      state: state(sumOf('replicated'), points),
      seeIn: 'Locks and replica',
    },
    protectedCopies: {
      asks: 'Copies are protected against change, loss and readers who have no right to them',
      answer: `${sumOf('locked')} of ${read < points ? `the newest ${read} of ${points} points` : plural(points, 'point')} locked against deletion; by design all are encrypted under keys of each region`,
      state: state(sumOf('locked'), read),
      seeIn: 'Locks and replica',
    },
  };
}

function ofDrills(model: ReportModel, { trends }: Parts): Pick<Answers, 'tested' | 'recoverable'> {
  const databases = model.databases.length;
  const proven = model.databases.filter(({ drills }) => drills.find(({ outcome }) => outcome !== 'could-not-run')?.outcome === 'passed');
  const good = trends.filter(({ isLastFailed }) => !isLastFailed);
  const inTime = good.filter(({ verdict, taken }) => taken !== undefined && (verdict === 'met' || verdict === 'unaccepted')).length;
  const byGap = good.filter(({ verdict }) => verdict === 'accepted').length;
  const times = `${ofAll(inTime, databases, 'database')} restored within the RTO, what people take included${byGap === 0 ? '' : `, ${byGap} within what a gap allows`}`;
  return {
    tested: {
      asks: 'Restores are tested regularly, on another system than the real one',
      answer: `The last drill of ${ofAll(proven.length, databases, 'database')} passed; ${times}`,
      state: state(proven.length, databases),
      seeIn: 'Drills; Time of drills',
    },
    recoverable: {
      asks: 'Data can be recovered in the time that was promised, and this was tried',
      answer: `${times}; the slowest drill took ${slowest(trends)}`,
      state: state(inTime, databases),
      seeIn: 'Time of drills',
    },
  };
}

function ofKeys({ keys }: ReportModel): Pick<Answers, 'keys'> {
  const isInBoth = ({ readBacks }: KeyReport) =>
    (['vault', 'replica'] as const).every((place) => readBacks.some((one) => one.isCurrent && one.place === place));
  const inBoth = keys.filter(isInBoth).length;
  return {
    keys: {
      asks: 'Encrypted copies can be read again: their keys are backed up too',
      answer:
        keys.length === 0
          ? 'The plan names no key that its data needs'
          : `The current value of ${ofAll(inBoth, keys.length, 'key')} read back from escrow in both regions`,
      state: keys.length === 0 ? 'partly' : state(inBoth, keys.length),
      seeIn: 'Keys in escrow',
    },
  };
}

type Answers = Record<
  'policy' | 'done' | 'complete' | 'apart' | 'protectedCopies' | 'tested' | 'recoverable' | 'keys' | 'kept' | 'watched',
  Answer
>;

const slowest = (trends: Parts['trends']): string => {
  const times = trends.flatMap(({ drills }) => drills.map(({ seconds }) => seconds));
  return times.length === 0 ? 'no time, since there was none' : secondsText(Math.max(...times));
};
