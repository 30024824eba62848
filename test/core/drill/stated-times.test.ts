/** People are part of a recovery and of no drill: what the plan states of them is added, and always said to be stated. */
import { describe, expect, it } from 'vitest';
import { judgeDrill } from '../../../core/drill/judge.ts';
import { recordTimes } from '../../../core/drill/recovery-times.ts';
import type { PointTaken } from '../../../core/drill/measured-rpo.ts';
import { statedTimes } from '../../../core/drill/stated-times.ts';
import { buildReport } from '../../../core/report/build-report.ts';
import { compareObjectives } from '../../../core/report/compare-objectives.ts';
import { describeDrill } from '../../../core/report/evidence/describe-drill.ts';
import { renderReport } from '../../../core/report/render-report.ts';
import { durationSeconds } from '../../../core/plan/durations.ts';
import { allowedRto } from '../../../core/plan/feasibility.ts';
import type { ProtectionPlan } from '../../../core/plan/schema.ts';
import { decideDatabaseColour } from '../../../core/status/decide-database.ts';
import { slowDrills } from '../../../core/status/review-events.ts';
import { summarizeDrill } from '../../../core/status/summary.ts';
import { judgeRecovery } from '../../../core/doctor/judge-recovery.ts';
import { database, databaseState, drillEvidence, drillResult, hoursAgo, keyAsset, NOW } from '../status/states.ts';

const secrets = { name: 'secrets', kind: 'provision-secrets', what: 'Set each of them again', count: 48, secondsPerSecret: 30 };
/** IM-4: 50 minutes of restore, 48 secrets of 30 s, half an hour until it is approved, and an RTO of one hour. */
const people = { expected: { sizeGiB: 1, approval: 'PT30M' }, restore: { secret: 'r', followUps: [secrets] } };

const result = (asset: ReturnType<typeof database>) =>
  drillResult({
    startedAt: hoursAgo(2),
    finishedAt: hoursAgo(1),
    consistentAt: hoursAgo(3),
    phases: [
      { name: 'restore', seconds: 2700 },
      { name: 'checks', seconds: 300 },
    ],
    checks: [{ name: 'restore', kind: 'restore', outcome: 'passed', expected: '', measured: '' }],
    stated: statedTimes(asset),
  });
const objectives = { rpoSeconds: 86_400, rtoSeconds: 3600 };
const held = (asset: ReturnType<typeof database>) => {
  const measured = judgeDrill({ result: result(asset), failure: undefined, reason: undefined, objectives }).measured;
  return drillEvidence({
    startedAt: hoursAgo(2),
    judgedAt: hoursAgo(1),
    objectives,
    measured,
    result: result(asset),
    times: { approvalSeconds: 1800, restoreSeconds: 2700, followUpSeconds: 1440 },
    stated: ['approvalSeconds', 'followUpSeconds'],
  });
};

/** What each reader says of the drill of this asset. */
const read = (over: object) => {
  const asset = database(over);
  const drill = held(asset);
  const plan = { system: 'ida', home: {}, replica: {}, gaps: [], assets: [asset, keyAsset()] } as unknown as ProtectionPlan;
  const around = { generatedAt: NOW.toISOString(), version: '', platform: '', runs: [], attempts: [], notShown: [] };
  const model = buildReport(plan, { colour: 'green', assets: {} }, { points: {}, evidences: { db: [drill] }, escrow: {} }, around);
  const state = databaseState({ asset, drills: [summarizeDrill(drill)] });
  return {
    objectives: compareObjectives(asset, [drill]).map(({ verdict, proposed }) => [verdict, proposed])[1] ?? [],
    colour: decideDatabaseColour(state, NOW).reasons.flatMap(({ code, text }) => (code === 'rto-missed' ? [text] : [])),
    review: slowDrills(plan, { db: [drill] }).map(({ seconds }) => seconds),
    doctor: judgeRecovery(plan, asset, { drills: [drill], newest: undefined }).length,
    page: renderReport(model).includes('that people take, as the plan states it'),
  };
};

describe('what the plan states of people', () => {
  it('is in seconds, of secrets one by one', () => {
    expect(statedTimes(database(people))).toEqual({ approvalSeconds: 1800, followUpSeconds: 1440 });
    expect(statedTimes(database({ expected: { sizeGiB: 1, manual: 'PT5M', detection: 'PT1M' } }))).toEqual({
      detectionSeconds: 60,
      followUpSeconds: 300,
    });
    expect(statedTimes(database({ expected: { sizeGiB: 1, validation: 'PT15M' } }))).toEqual({ validationSeconds: 900 });
    expect(statedTimes(database())).toEqual({});
  });
  it('makes of an RTO that a drill met one that a recovery misses, for every reader', () => {
    expect(read(people)).toEqual({
      objectives: ['missed', 'PT117M'],
      colour: ['The measured RTO of 50 min and the 54 min that people take, as the plan states it, are over the 1 h that are stated (RTO)'],
      review: [6240],
      doctor: 1,
      page: true,
    });
    expect(read({ ...people, objectives: { rpo: 'PT24H', rto: 'PT104M' } })).toMatchObject({
      objectives: ['met', undefined],
      colour: [],
      review: [],
      doctor: 0,
    });
    expect(read({})).toEqual({ objectives: ['met', undefined], colour: [], review: [], doctor: 0, page: false });
  });
  it('counts what people look at as far as it takes longer than the checks', () => {
    const looking = (validation: string) => read({ expected: { sizeGiB: 1, validation } });
    expect(looking('PT15M')).toMatchObject({ objectives: ['met', undefined], review: [], doctor: 0 });
    expect(looking('PT16M')).toMatchObject({ objectives: ['missed', 'PT74M'], review: [3660], doctor: 1 });
  });
  it('is said in the evidence, apart from what was measured', () => {
    const asset = database(people);
    const { reasons } = judgeDrill({ result: result(asset), failure: undefined, reason: undefined, objectives });
    expect(reasons).toContain(
      'With what the plan states of people (approval 30 min, follow-ups 24 min; not measured) a recovery takes 1.7 h: over the RTO of 1 h',
    );
    const times = describeDrill(held(asset))?.tables.find(({ caption }) => caption === 'Times of the recovery');
    expect(times?.rows.map(([part, , known]) => [part, known])).toEqual([
      ['Approval', 'stated by the plan'],
      ['Restore', 'measured'],
      ['Follow-ups', 'stated by the plan'],
    ]);
  });
  it('is recorded of the validation where that takes longer than the checks, which are measured else', () => {
    const looking = (validation: string) => recordTimes(result(database({ expected: { sizeGiB: 1, validation } })));
    const measured = { retrievalSeconds: 0, restoreSeconds: 2700 };
    expect(looking('PT5M')).toEqual({ times: { ...measured, validationSeconds: 300 } });
    expect(looking('PT15M')).toEqual({ times: { ...measured, validationSeconds: 900 }, stated: ['validationSeconds'] });
  });

  /** What the signed evidence says of the RTO, where people have a part in it. */
  const said = (over: object, taken: PointTaken = {}) => {
    const asset = database(over);
    const { allowedSeconds, gap } = allowedRto(asset);
    const stated = { rpoSeconds: 86_400, rtoSeconds: durationSeconds(asset.objectives.rto) };
    const allowed = { ...stated, ...(gap === undefined ? {} : { gapRtoSeconds: allowedSeconds }) };
    const { reasons } = judgeDrill({ result: result(asset), failure: undefined, reason: undefined, objectives: allowed, taken });
    return /^With what .* (a recovery takes .*)$/.exec(reasons.find((one) => one.startsWith('With what')) ?? '')?.[1];
  };
  const gap = (bound: string) => ({ id: 'slow', what: 'It is restored slowly', reason: 'Until it is smaller', objective: 'rto', bound });
  it.each([
    ['what people look at, beyond the checks', { expected: { sizeGiB: 1, validation: 'PT26M' } }, '1.2 h: over the RTO of 1 h'],
    [
      'what they look at, side by side with the checks',
      { expected: { sizeGiB: 1, validation: 'PT4M', detection: 'PT9M' } },
      '59 min: within the RTO of 1 h',
    ],
    ['a gap that allows it', { ...people, gaps: [gap('PT2H')] }, '1.7 h: over the RTO of 1 h, within the 2 h that a declared gap allows'],
    ['a gap that does not', { ...people, gaps: [gap('PT100M')] }, '1.7 h: over the RTO of 1 h and the 1.7 h that a declared gap allows'],
    ['an RTO that has room', { ...people, objectives: { rpo: 'PT24H', rto: 'PT2H' } }, '1.7 h: within the RTO of 2 h'],
  ])('is judged in the evidence as in the colour: %s', (_, over, words) => {
    expect(said(over)).toBe(`a recovery takes ${words}`);
    const isMissed = words.includes('over') && !words.includes(', within');
    const verdict = isMissed ? 'missed' : words.includes('within the RTO') ? 'met' : 'accepted';
    expect(read(over).objectives[0]).toBe(verdict);
    expect(read(over).colour).toHaveLength(isMissed ? 1 : 0);
  });
  it('does not count how late a scenario is noticed: that is what is lost, and not how long it takes', () => {
    const expected = { sizeGiB: 1, detection: 'PT5M' };
    const late = { isNewest: false, scenario: 'late', damagedAt: hoursAgo(50) };
    expect(said({ expected }, late)).toBe('a recovery takes 55 min: within the RTO of 1 h');
  });
});
