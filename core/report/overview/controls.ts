/**
 * What two norms ask of backups, in our own words, beside what this system has to show. It is a map for an auditor, and no audit: the norm's
 * text and the organisation's own procedures decide.
 */
import { plural, secondsText } from '../../quantities.ts';
import type { ReportModel } from '../model.ts';
import type { ControlAnswer, Overview } from './model.ts';

type Parts = Omit<Overview, 'controls'>;
type Answer = Omit<ControlAnswer, 'norm'>;

const state = (done: number, of: number): ControlAnswer['state'] => (of > 0 && done === of ? 'shown' : done > 0 ? 'partly' : 'not shown');
const ofAll = (done: number, of: number, what: string) => `${done} of ${plural(of, what)}`;

export function answerControls(model: ReportModel, parts: Parts): ControlAnswer[] {
  const answers = answersOf(model, parts);
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

function answersOf(model: ReportModel, { freshness, trends, locks, calendar }: Parts): Answers {
  const databases = model.databases.length;
  const fresh = freshness.filter(({ ageSeconds, allowedSeconds }) => ageSeconds !== undefined && ageSeconds <= allowedSeconds).length;
  const points = locks.reduce((sum, one) => sum + one.points, 0);
  const locked = locks.reduce((sum, one) => sum + one.locked, 0);
  const copied = locks.reduce((sum, one) => sum + one.replicated, 0);
  const verified = locks.reduce((sum, one) => sum + one.verified, 0);
  const proven = model.databases.filter(({ drills }) => drills.find(({ outcome }) => outcome !== 'could-not-run')?.outcome === 'passed');
  const days = calendar.rows.flatMap((row) => row.days);
  const missed = days.reduce((sum, day) => sum + day.missed, 0);
  const slots = days.reduce((sum, day) => sum + day.slots, 0);
  const goodKeys = model.keys.filter(({ status }) => status.colour === 'green' || status.colour === 'amber').length;
  const inTime = trends.filter(
    ({ drills, allowedSeconds }) => (drills.findLast(({ outcome }) => outcome === 'passed')?.seconds ?? Infinity) <= allowedSeconds,
  );
  return {
    policy: {
      asks: 'What is backed up, how often and for how long is decided, agreed on and written down',
      answer: `One protection plan, owned by ${model.owner} and operated by ${model.operator}: ${plural(databases + model.keys.length, 'asset')}, ${plural(model.gaps.length, 'declared gap')}`,
      state: 'shown',
      seeIn: 'Assets; Declared gaps; the plan’s own file',
    },
    done: {
      asks: 'Backups are made as often as the business needs',
      answer: `${ofAll(fresh, databases, 'database')} within what is allowed; ${missed} of ${plural(slots, 'slot')} of nine weeks missed`,
      state: state(fresh, databases),
      seeIn: 'Freshness; Runs of nine weeks',
    },
    complete: {
      asks: 'Copies are complete and correct, and records of them are kept',
      answer: `Every byte of ${ofAll(verified, points, 'point')} was read back; each has a signed manifest and a place in a chain of hashes`,
      state: state(verified, points),
      seeIn: 'Recovery points; npx holdfast evidence verify',
    },
    apart: {
      asks: 'Copies are kept far enough away that one event does not take both',
      answer: `${ofAll(copied, points, 'point')} copied from ${model.home} to ${model.replica}`,
      state: state(copied, points),
      seeIn: 'Locks and replica',
    },
    protectedCopies: {
      asks: 'Copies are protected against change, loss and readers who have no right to them',
      answer: `${ofAll(locked, points, 'point')} locked against deletion; all encrypted under keys of each region`,
      state: state(locked, points),
      seeIn: 'Locks and replica',
    },
    tested: {
      asks: 'Restores are tested regularly, on another system than the real one',
      answer: `The last drill of ${ofAll(proven.length, databases, 'database')} passed; ${ofAll(inTime.length, databases, 'database')} restored within the RTO`,
      state: state(proven.length, databases),
      seeIn: 'Drills; Time of drills',
    },
    recoverable: {
      asks: 'Data can be recovered in the time that was promised, and this was tried',
      answer: `${ofAll(inTime.length, databases, 'database')} restored by a drill within the RTO; the slowest took ${slowest(trends)}`,
      state: state(inTime.length, databases),
      seeIn: 'Time of drills',
    },
    keys: {
      asks: 'Encrypted copies can be read again: their keys are backed up too',
      answer:
        model.keys.length === 0
          ? 'The plan names no key that its data needs'
          : `${ofAll(goodKeys, model.keys.length, 'key')} read back from escrow in both regions`,
      state: model.keys.length === 0 ? 'partly' : state(goodKeys, model.keys.length),
      seeIn: 'Keys in escrow',
    },
    kept: {
      asks: 'Copies are kept as long as they must be, and then go',
      answer: `Each point is kept and locked by the plan’s terms; what went and why is signed evidence of each run`,
      state: points > 0 ? 'shown' : 'not shown',
      seeIn: 'Locks and replica; evidence of the kind expiry',
    },
    watched: {
      asks: 'Backup and recovery are watched, and failures are acted on',
      answer: `A watcher in each region raises an alarm for each missed slot and each asset that is not green; this page counts ${missed} missed, and does not see whether anybody hears the alarms`,
      state: 'partly',
      seeIn: 'Assets; npx holdfast status',
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
