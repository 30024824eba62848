import { describe, expect, it } from 'vitest';
import type { ProtectionPlan } from '../../../core/plan/schema.ts';
import { compareObjectives } from '../../../core/report/compare-objectives.ts';
import { decideDatabaseColour } from '../../../core/status/decide-database.ts';
import { slowDrills } from '../../../core/status/review-events.ts';
import { summarizeDrill } from '../../../core/status/summary.ts';
import { database, databaseState, drillEvidence, hoursAgo, NOW } from '../status/states.ts';

const drill = (rtoSeconds: number) =>
  drillEvidence({
    startedAt: hoursAgo(3),
    judgedAt: hoursAgo(1),
    objectives: { rpoSeconds: 86_400, rtoSeconds: 3600 },
    measured: { rtoSeconds, target: 'ephemeral' },
  });
const accepted = { rto: { seconds: 9000, by: 'Owner', at: '2026-01-01T00:00:00Z' } };
const measured = { rto: { seconds: 9000, drill: 'of before', was: 'PT30M' } };

/** What each reader makes of a drill of the database with these objectives. */
const read = (rtoSeconds: number, objectives: object, over: object = {}) => {
  const asset = database({ objectives: { rpo: 'PT24H', rto: 'PT3H', ...objectives }, ...over });
  const [, rto] = compareObjectives(asset, [drill(rtoSeconds)]);
  const state = databaseState({ asset, drills: [summarizeDrill(drill(rtoSeconds))] });
  return {
    verdict: rto?.verdict,
    proposed: rto?.proposed,
    isAmber: decideDatabaseColour(state, NOW).reasons.some(({ code }) => code === 'rto-missed'),
    slow: slowDrills({ assets: [asset] } as unknown as ProtectionPlan, { db: [drill(rtoSeconds)] }).length,
  };
};
const FINE = { verdict: 'met', proposed: undefined, isAmber: false, slow: 0 };

describe('an RTO that was accepted as a drill measured it', () => {
  it('is the target from then on', () => {
    expect(read(9000, { measured, accepted })).toEqual(FINE);
    expect(read(10_801, { measured, accepted })).toEqual({ verdict: 'missed', proposed: 'PT4H', isAmber: true, slow: 1 });
  });
  it('allows nothing beyond a target that was made shorter since', () => {
    const missed = { verdict: 'missed', proposed: 'PT3H', isAmber: true, slow: 1 };
    expect(read(8000, { rto: 'PT1H', accepted })).toEqual(missed);
    expect(read(8000, { rto: 'PT1H', accepted, measured })).toEqual(missed);
    expect(read(3600, { rto: 'PT1H', accepted })).toEqual(FINE);
  });
  it('is allowed by a gap all the same', () => {
    const gaps = [{ id: 'X-1', what: 'An RTO of one hour', reason: 'It is large', objective: 'rto', bound: 'PT3H' }];
    expect(read(8000, { rto: 'PT1H' }, { gaps })).toEqual({ ...FINE, verdict: 'accepted' });
  });
});
