/** People are part of a recovery and of no drill: what the plan states of them is added, and always said to be stated. */
import { describe, expect, it } from 'vitest';
import { judgeDrill } from '../../../core/drill/judge.ts';
import { statedOf } from '../../../core/drill/recovery-times.ts';
import { statedTimes } from '../../../core/drill/stated-times.ts';
import { DrillEvidence, DrillResult } from '../../../core/drill/contract.ts';
import { buildReport } from '../../../core/report/build-report.ts';
import { compareObjectives } from '../../../core/report/compare-objectives.ts';
import { describeDrill } from '../../../core/report/evidence/describe-drill.ts';
import { renderReport } from '../../../core/report/render-report.ts';
import type { ProtectionPlan } from '../../../core/plan/schema.ts';
import { decideDatabaseColour } from '../../../core/status/decide-database.ts';
import { slowDrills } from '../../../core/status/review-events.ts';
import { summarizeDrill } from '../../../core/status/summary.ts';
import { judgeRecovery } from '../../../core/doctor/judge-recovery.ts';
import { database, databaseState, hoursAgo, keyAsset, NOW } from '../status/states.ts';

const secrets = { name: 'secrets', kind: 'provision-secrets', what: 'Set each of them again', count: 48, secondsPerSecret: 30 };
/** IM-4: 50 minutes of restore, 48 secrets of 30 s, half an hour until it is approved, and an RTO of one hour. */
const people = { expected: { sizeGiB: 1, approval: 'PT30M' }, restore: { secret: 'r', followUps: [secrets] } };

const result = (asset: ReturnType<typeof database>) =>
  DrillResult.parse({
    format: 'holdfast/drill-result/v1',
    system: 'ida',
    asset: 'db',
    point: 'p',
    run: 'r',
    from: 'vault',
    startedAt: hoursAgo(2),
    finishedAt: hoursAgo(1),
    manifestSha256: '',
    consistentAt: hoursAgo(3),
    phases: [
      { name: 'restore', seconds: 2700 },
      { name: 'checks', seconds: 300 },
    ],
    checks: [{ name: 'restore', kind: 'restore', outcome: 'passed', expected: '', measured: '' }],
    bytesRestored: 1,
    isolation: 'own-uid',
    serverVersion: '16',
    notes: [],
    stated: statedTimes(asset),
  });
const objectives = { rpoSeconds: 86_400, rtoSeconds: 3600 };
const held = (asset: ReturnType<typeof database>) => {
  const measured = judgeDrill({ result: result(asset), failure: undefined, reason: undefined, objectives }).measured;
  return DrillEvidence.parse({
    format: 'holdfast/drill-evidence/v1',
    system: 'ida',
    asset: 'db',
    run: 'r',
    execution: 'e',
    outcome: 'passed',
    reasons: [],
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
    objectives: compareObjectives(asset, [drill]).map(({ verdict, proposed }) => [verdict, proposed])[1],
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
    const { reasons } = judgeDrill({
      result: result(asset),
      failure: undefined,
      reason: undefined,
      objectives,
      stated: statedTimes(asset),
    });
    expect(reasons).toContain(
      'With what the plan states of people (approval 30 min, follow-ups 24 min; not measured) a recovery takes 1.7 h: over the RTO of 1 h',
    );
    const times = describeDrill(held(asset))?.tables.find(({ caption }) => caption === 'Times of the recovery');
    expect(times?.rows.map(([part, , known]) => [part, known])).toEqual([
      ['Approval', 'stated by the plan'],
      ['Restore', 'measured'],
      ['Follow-up', 'stated by the plan'],
    ]);
  });
  it('takes how late a scenario is noticed for its detection', () => {
    const asset = database({ expected: { sizeGiB: 1, detection: 'PT10M', approval: 'PT30M' } });
    const late = { startedAt: hoursAgo(2), damagedAt: hoursAgo(50) };
    expect(statedOf(late, result(asset))).toEqual({ detectionSeconds: 48 * 3600, approvalSeconds: 1800 });
    expect(statedOf({ startedAt: hoursAgo(2) }, result(asset))).toEqual({ detectionSeconds: 600, approvalSeconds: 1800 });
  });
});
