import { array, assert, constantFrom, integer, property, record, shuffledSubarray } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { COLOURS, type Colour, type ReasonCode, type Status } from '../../../core/status/colour.ts';
import { decideDatabaseColour, type DatabaseState } from '../../../core/status/decide-database.ts';
import { database, databaseState, daysAgo, drill, hoursAgo, NOW, point } from './states.ts';

const decide = (over: Partial<DatabaseState> = {}) => decideDatabaseColour(databaseState(over), NOW);
const codes = (status: Status) => status.reasons.map((reason) => reason.code);
const gap = (over: object = {}) => ({ what: 'something that is not done', reason: 'because it is not there', ...over });
const red: Status = { colour: 'red', reasons: [{ colour: 'red', code: 'read-back-missing', text: 'PLAIN' }] };
const unseen: Status = { colour: 'no data', reasons: [{ colour: 'no data', code: 'never-read-back', text: '' }] };
const unproven: Status = { colour: 'no data', reasons: [{ colour: 'no data', code: 'never-proven', text: '' }] };

describe('the colour of a database', () => {
  test.each<[string, Partial<DatabaseState>, Colour, ReasonCode[]]>([
    ['fresh, verified and restored', {}, 'green', ['fresh-and-proven']],
    ['nothing at all', { points: [], drills: [] }, 'no data', ['never-verified', 'never-restored']],
    [
      'committed, never verified',
      { points: [point({ verifiedAt: undefined })], drills: [] },
      'no data',
      ['never-verified', 'never-restored'],
    ],
    ['verified, never restored', { drills: [] }, 'no data', ['never-restored']],
    ['old, never restored', { points: [point({ consistentAt: daysAgo(3) })], drills: [] }, 'red', ['point-too-old', 'never-restored']],
    ['restored once, and no point left', { points: [] }, 'red', ['points-gone']],
    ['at the RPO and one run', { points: [point({ consistentAt: hoursAgo(25) })] }, 'green', ['fresh-and-proven']],
    ['past the RPO and one run', { points: [point({ consistentAt: hoursAgo(25.01) })] }, 'red', ['point-too-old']],
    [
      'a newer point that is not verified',
      { points: [point({ consistentAt: hoursAgo(26) }), point({ consistentAt: hoursAgo(1), verifiedAt: undefined })] },
      'red',
      ['point-too-old'],
    ],
    ['an older verified point beside', { points: [point({ consistentAt: daysAgo(9) }), point()] }, 'green', ['fresh-and-proven']],
    ['a point dated ahead', { points: [point({ consistentAt: hoursAgo(-1) })] }, 'red', ['points-gone', 'clock-ahead']],
    ['a clock a minute ahead', { points: [point({ consistentAt: hoursAgo(-1 / 60) })] }, 'green', ['fresh-and-proven']],
    [
      'the last drill failed',
      { drills: [drill(), drill({ at: daysAgo(1), outcome: 'failed', reasons: ['a row is missing'] })] },
      'red',
      ['drill-failed'],
    ],
    ['the only drill failed', { drills: [drill({ outcome: 'failed' })] }, 'red', ['drill-failed', 'never-restored']],
    [
      'a failure told by a point alone',
      { points: [point({ lastDrill: { at: daysAgo(1), outcome: 'failed', rtoSeconds: 1, from: 'vault', reasons: [] } })] },
      'red',
      ['drill-failed'],
    ],
    [
      'a pass told by a point alone',
      { points: [point({ lastDrill: { at: daysAgo(1), outcome: 'passed', rtoSeconds: 1, from: 'vault', reasons: [] } })], drills: [] },
      'green',
      ['fresh-and-proven'],
    ],
    ['failed, then passed', { drills: [drill({ outcome: 'failed' }), drill({ at: daysAgo(1) })] }, 'green', ['fresh-and-proven']],
    ['passed and failed in one instant', { drills: [drill(), drill({ outcome: 'failed' })] }, 'red', ['drill-failed']],
    [
      'failed, then could not run',
      { drills: [drill({ outcome: 'failed' }), drill({ at: daysAgo(1), outcome: 'could-not-run' })] },
      'red',
      ['drill-failed', 'never-restored', 'drill-could-not-run'],
    ],
    [
      'passed, then could not run',
      { drills: [drill(), drill({ at: daysAgo(1), outcome: 'could-not-run' })] },
      'amber',
      ['drill-could-not-run'],
    ],
    ['only ever could not run', { drills: [drill({ outcome: 'could-not-run' })] }, 'no data', ['never-restored', 'drill-could-not-run']],
    ['at the drill period and one run', { drills: [drill({ at: hoursAgo(90 * 24 + 4) })] }, 'green', ['fresh-and-proven']],
    ['past the drill period and one run', { drills: [drill({ at: hoursAgo(90 * 24 + 4.01) })] }, 'red', ['drill-too-old']],
    ['a pass dated ahead is none', { drills: [drill({ at: daysAgo(-1) })] }, 'no data', ['never-restored']],
    ['a needed key is red', { neededKeys: { key: red } }, 'red', ['key-not-recoverable']],
    ['a needed key was never read back', { neededKeys: { key: unseen } }, 'no data', ['never-read-back']],
    ['nothing is known of a needed key', { neededKeys: {} }, 'no data', ['never-read-back']],
    ['a needed key is merely unproven', { neededKeys: { key: unproven } }, 'green', ['fresh-and-proven']],
    ['measured RTO over the objective', { drills: [drill({ rtoSeconds: 3601 })] }, 'amber', ['rto-missed']],
    ['measured RPO over the objective', { drills: [drill({ rpoSeconds: 86_401 })] }, 'amber', ['rpo-missed']],
    ['an older drill was slower', { drills: [drill({ at: daysAgo(5), rtoSeconds: 9999 }), drill()] }, 'green', ['fresh-and-proven']],
    ['review overdue', { reviewDue: { at: daysAgo(1), why: 'a release' } }, 'amber', ['review-overdue']],
    ['review to come', { reviewDue: { at: daysAgo(-1), why: 'a release' } }, 'green', ['fresh-and-proven']],
    ['a declared gap', { asset: database({ gaps: [gap()] }) }, 'amber', ['declared-gap']],
    [
      'a gap that bounds the RPO, past the RPO',
      { asset: database({ gaps: [gap({ objective: 'rpo', bound: 'PT48H' })] }), points: [point({ consistentAt: hoursAgo(49) })] },
      'amber',
      ['declared-gap'],
    ],
    [
      'a gap that bounds the RPO, past the gap',
      { asset: database({ gaps: [gap({ objective: 'rpo', bound: 'PT48H' })] }), points: [point({ consistentAt: hoursAgo(49.1) })] },
      'red',
      ['point-too-old', 'declared-gap'],
    ],
    [
      'a gap below the RPO does not tighten it',
      { asset: database({ gaps: [gap({ objective: 'rpo', bound: 'PT1H' })] }) },
      'amber',
      ['declared-gap'],
    ],
    [
      'a gap for the RTO that accepts what was measured',
      { asset: database({ gaps: [gap({ objective: 'rto', bound: 'PT2H' })] }), drills: [drill({ rtoSeconds: 7000 })] },
      'amber',
      ['declared-gap'],
    ],
    [
      'a gap for the RTO that does not',
      { asset: database({ gaps: [gap({ objective: 'rto', bound: 'PT2H' })] }), drills: [drill({ rtoSeconds: 7300 })] },
      'amber',
      ['rto-missed', 'declared-gap'],
    ],
    [
      'a gap for drills, past the period',
      { asset: database({ gaps: [gap({ objective: 'drill', bound: 'P200D' })] }), drills: [drill({ at: daysAgo(150) })] },
      'amber',
      ['declared-gap'],
    ],
    [
      'everything at once',
      {
        points: [point({ consistentAt: daysAgo(9) })],
        drills: [drill({ outcome: 'failed' })],
        neededKeys: { key: unseen },
        reviewDue: { at: daysAgo(1), why: 'a release' },
      },
      'red',
      ['point-too-old', 'drill-failed', 'never-restored', 'never-read-back', 'review-overdue'],
    ],
  ])('%s', (_, over, colour, expected) => {
    const status = decide(over);
    expect([status.colour, codes(status)]).toEqual([colour, expected]);
  });

  test('says numbers and where a limit comes from', () => {
    const asset = database({ gaps: [gap({ id: 'IDA-2', objective: 'rpo', bound: 'PT25H' })] });
    const status = decide({ asset, points: [point({ consistentAt: hoursAgo(30) })] });
    expect(status.reasons[0]?.text).toBe(
      'The newest verified point is 30 h old, and 26 h are allowed (25 h by the declared gap IDA-2 and one run of 1 h)',
    );
  });
});

const rank = (colour: Colour) => COLOURS.indexOf(colour);
const points = array(
  record({ age: integer({ min: 0, max: 200 }), isVerified: constantFrom(true, false) }).map(({ age, isVerified }) =>
    point({ consistentAt: hoursAgo(age), verifiedAt: isVerified ? hoursAgo(age) : undefined }),
  ),
  { maxLength: 5 },
);
const drills = array(
  record({
    age: integer({ min: 0, max: 150 }),
    outcome: constantFrom('passed' as const, 'failed' as const, 'could-not-run' as const),
    rtoSeconds: integer({ min: 0, max: 9000 }),
  }).map(({ age, outcome, rtoSeconds }) => drill({ at: daysAgo(age), outcome, rtoSeconds })),
  { maxLength: 5 },
);
const states = record({ points, drills, key: constantFrom(red, unseen, unproven) }).map(({ points, drills, key }) =>
  databaseState({ points, drills, neededKeys: { key } }),
);

describe('whatever the records', () => {
  test('green is verified, restored, and without a reason against it', () => {
    assert(
      property(record({ points, drills }), (over) => {
        const status = decide(over);
        if (status.colour !== 'green') return;
        expect(over.points.some((p) => p.verifiedAt && p.consistentAt >= hoursAgo(25))).toBe(true);
        expect(over.drills.some((d) => d.outcome === 'passed' && d.at >= hoursAgo(90 * 24 + 4))).toBe(true);
      }),
    );
  });
  test('a failed newer drill is red', () => {
    assert(
      property(states, (state) => {
        const failed = drill({ at: hoursAgo(-0.01), outcome: 'failed' });
        expect(decideDatabaseColour({ ...state, drills: [...state.drills, failed] }, NOW).colour).toBe('red');
      }),
    );
  });
  test('a drill that could not run never looks greener', () => {
    assert(
      property(states, integer({ min: 0, max: 200 }), (state, age) => {
        const added = { ...state, drills: [...state.drills, drill({ at: daysAgo(age), outcome: 'could-not-run' })] };
        expect(rank(decideDatabaseColour(added, NOW).colour)).toBeLessThanOrEqual(rank(decideDatabaseColour(state, NOW).colour));
      }),
    );
  });
  test('a declared gap makes nothing green, and without a bound nothing better', () => {
    assert(
      property(
        states,
        constantFrom(gap(), gap({ objective: 'rpo', bound: 'P300D' }), gap({ objective: 'drill', bound: 'P300D' })),
        (state, added) => {
          const before = decideDatabaseColour(state, NOW);
          const after = decideDatabaseColour({ ...state, asset: database({ gaps: [added] }) }, NOW);
          expect(after.colour).not.toBe('green');
          if (!('bound' in added)) expect(rank(after.colour)).toBeLessThanOrEqual(rank(before.colour));
          // Only the objective that the gap names may be forgiven.
          const forgiven: Record<string, ReasonCode> = { rpo: 'point-too-old', drill: 'drill-too-old' };
          const kept = codes(before).filter(
            (code) => code !== 'fresh-and-proven' && code !== forgiven[String((added as { objective?: string }).objective)],
          );
          expect(codes(after)).toEqual(expect.arrayContaining(kept));
        },
      ),
    );
  });
  test('their order does not matter', () => {
    assert(
      property(
        states.chain((state) =>
          record({
            state: constantFrom(state),
            points: shuffledSubarray([...state.points], { minLength: state.points.length }),
            drills: shuffledSubarray([...state.drills], { minLength: state.drills.length }),
          }),
        ),
        ({ state, points, drills }) => {
          expect(decideDatabaseColour({ ...state, points, drills }, NOW)).toEqual(decideDatabaseColour(state, NOW));
        },
      ),
    );
  });
  test('time alone never makes anything better', () => {
    assert(
      property(states, integer({ min: 0, max: 400 }), (state, days) => {
        const later = new Date(NOW.getTime() + days * 86_400_000);
        expect(rank(decideDatabaseColour(state, later).colour)).toBeLessThanOrEqual(rank(decideDatabaseColour(state, NOW).colour));
      }),
    );
  });
});
