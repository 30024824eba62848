/** A drill of an old point restores old data by design: what it says of the recovery time counts, its age is nobody's RPO. */
import { describe, expect, it } from 'vitest';
import type { DrillEvidence } from '../../../core/drill/contract.ts';
import { judgeDrill } from '../../../core/drill/judge.ts';
import type { PointTaken } from '../../../core/drill/measured-rpo.ts';
import { buildReport } from '../../../core/report/build-report.ts';
import { compareObjectives } from '../../../core/report/compare-objectives.ts';
import type { ProtectionPlan } from '../../../core/plan/schema.ts';
import { decideDatabaseColour } from '../../../core/status/decide-database.ts';
import { summarizeDrill } from '../../../core/status/summary.ts';
import { database, databaseState, drillEvidence, drillResult, hoursAgo, keyAsset, NOW } from '../status/states.ts';

const asset = database({ objectives: { rpo: 'PT8H', rto: 'PT1H' } });
const objectives = { rpoSeconds: 8 * 3600, rtoSeconds: 3600 };

/** A drill that began an hour ago, of data that was then `ageHours` old. */
const held = (ageHours: number, taken: PointTaken): DrillEvidence => {
  const result = drillResult({
    startedAt: hoursAgo(1),
    finishedAt: hoursAgo(0.5),
    consistentAt: hoursAgo(1 + ageHours),
    phases: [{ name: 'restore', seconds: 600 }],
    checks: [{ name: 'restore', kind: 'restore', outcome: 'passed', expected: '', measured: '' }],
  });
  const { outcome, reasons, measured } = judgeDrill({ result, failure: undefined, reason: undefined, objectives, taken });
  return drillEvidence({
    outcome,
    reasons,
    ...taken,
    startedAt: hoursAgo(1),
    judgedAt: hoursAgo(0.4),
    objectives,
    measured,
  });
};

/** As a release wrote it that did not ask which point it was. */
const ofBefore = (evidence: DrillEvidence): DrillEvidence => {
  const { dataAgeSeconds, lossSeconds: _, ...measured } = evidence.measured;
  const { isNewest: __, damagedAt: ___, ...rest } = evidence;
  return { ...rest, measured: { ...measured, ...(dataAgeSeconds === undefined ? {} : { rpoSeconds: dataAgeSeconds }) } };
};

/** What each reader makes of it. */
const read = (evidence: DrillEvidence) => {
  const [rpo, rto] = compareObjectives(asset, [evidence]);
  const state = databaseState({ asset, drills: [summarizeDrill(evidence)] });
  const plan = { system: 'ida', home: {}, replica: {}, gaps: [], assets: [asset, keyAsset()] } as unknown as ProtectionPlan;
  const around = { generatedAt: NOW.toISOString(), version: '', platform: '', runs: [], attempts: [], notShown: [] };
  const model = buildReport(plan, { colour: 'green', assets: {} }, { points: {}, evidences: { db: [evidence] }, escrow: {} }, around);
  return {
    rpo: [rpo?.verdict, rpo?.proposed],
    rto: rto?.verdict,
    reasons: decideDatabaseColour(state, NOW).reasons.flatMap(({ code, text }) => (code === 'rpo-missed' ? [text] : [])),
    shown: model.databases[0]?.objectives.map(({ measured }) => measured?.seconds),
  };
};
const NO_RPO = { rpo: ['unknown', undefined], rto: 'met', reasons: [], shown: [undefined, 600] };

describe('the RPO that is measured', () => {
  it('is the age of the newest point', () => {
    expect(read(held(6, { isNewest: true }))).toEqual({ rpo: ['met', undefined], rto: 'met', reasons: [], shown: [6 * 3600, 600] });
    expect(read(held(10, { isNewest: true }))).toMatchObject({ rpo: ['missed', 'PT13H'], reasons: [expect.stringContaining('10 h')] });
  });
  it('is not the age of a point from before the damage of a scenario', () => {
    const corrupted = held(49, { isNewest: false, scenario: 'integration-corruption', damagedAt: hoursAgo(49) });
    expect(corrupted.outcome).toBe('passed');
    expect(corrupted.measured).toMatchObject({ dataAgeSeconds: 49 * 3600, lossSeconds: 3600 });
    expect(read(corrupted)).toEqual(NO_RPO);
    expect(read(ofBefore(corrupted))).toEqual(NO_RPO);
  });
  it('is not the age of an old point that somebody asked for', () => expect(read(held(700, { isNewest: false }))).toEqual(NO_RPO));
  it('counts for a scenario that loses the newest point’s system', () =>
    expect(read(held(10, { isNewest: true, scenario: 'environment-failure' })).rpo).toEqual(['missed', 'PT13H']));
});

describe('what a scenario loses of what was there before the damage', () => {
  const said = (ageHours: number) => held(ageHours, { isNewest: false, scenario: 's', damagedAt: hoursAgo(49) }).reasons.slice(1);
  it('is said beside the RPO', () => {
    expect(said(56)).toEqual(['Of what was there before the damage, the last 8 h are lost: within the RPO of 8 h']);
    expect(said(57)).toEqual(['Of what was there before the damage, the last 9 h are lost: over the RPO of 8 h']);
  });
});
