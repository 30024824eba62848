import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { decideReview, NO_EVENTS, planFingerprint, type ReviewEvents } from '../../../core/plan/review.ts';
import { Agreement, REVIEW_TRIGGERS } from '../../../core/plan/schema-agreement.ts';
import { planWith } from './plan-fixture.ts';

const NOW = new Date('2027-03-01T00:00:00Z');
const HELD = { at: '2027-01-10T09:00:00Z', by: 'Owner and operator' };
const planOf = (review: object) =>
  planWith((plan) => void (plan.agreement = Agreement.parse({ review: { period: 'P6M', last: HELD, ...review } })));
const reasons = (review: object, events: Partial<ReviewEvents> = {}, now = NOW) => {
  const state = decideReview(planOf(review), { ...NO_EVENTS, ...events }, now);
  return state.stated ? state.reasons.map(({ kind, dueAt, text }) => `${kind} ${dueAt}: ${text}`) : ['states none'];
};
const drill = { at: '2027-02-01T05:00:00Z', asset: 'orders', run: 'r1', seconds: 9000, targetSeconds: 7200 };
const restore = { at: '2027-02-03T05:00:00Z', asset: 'orders', run: 'r2' };

describe('a review is due', () => {
  it('not before something says so', () => {
    expect(reasons({})).toEqual([]);
    expect(decideReview(planOf({}), NO_EVENTS, NOW)).toMatchObject({ nextAt: '2027-07-10T09:00:00.000Z', dueAt: undefined });
  });
  it('never where the plan states none', () => {
    expect(
      decideReview(
        planWith((plan) => delete plan.agreement!.review),
        NO_EVENTS,
        NOW,
      ),
    ).toEqual({ stated: false });
    expect(
      decideReview(
        planWith((plan) => delete plan.agreement),
        NO_EVENTS,
        NOW,
      ),
    ).toEqual({ stated: false });
  });
  it('at once where none was ever held', () =>
    expect(reasons({ last: undefined })).toEqual(['never undefined: No review of this plan was ever recorded']));
  it('when the period is over, to the second, by its shortest length', () => {
    expect(reasons({}, {}, new Date('2027-07-10T08:59:59Z'))).toEqual([]);
    expect(reasons({}, {}, new Date('2027-07-10T09:00:00Z'))).toEqual([
      'period 2027-07-10T09:00:00.000Z: The last one was on 2027-01-10, and P6M are over',
    ]);
  });
  it.each(REVIEW_TRIGGERS)('after %s, if it is a trigger and was after the last one', (trigger) => {
    const recorded = (at: string) => [{ trigger, at, note: 'what it was' }];
    expect(reasons({ recorded: recorded('2027-02-01T00:00:00Z') })).toEqual([
      expect.stringMatching(/^recorded 2027-02-01T00:00:00Z: .*what it was$/),
    ]);
    expect(reasons({ recorded: recorded('2027-01-10T08:59:59Z') })).toEqual([]);
    expect(reasons({ recorded: recorded('2027-02-01T00:00:00Z'), triggers: REVIEW_TRIGGERS.filter((one) => one !== trigger) })).toEqual([]);
  });
  it('when the plan says something else than was reviewed', () => {
    const last = { ...HELD, plan: '0123456789abcdef' };
    expect(reasons({ last }, { fingerprint: '0123456789abcdef' })).toEqual([]);
    expect(reasons({ last }, { fingerprint: 'fedcba9876543210' })).toEqual([
      'changed undefined: The plan says something else than it did on 2027-01-10',
    ]);
    // Whoever wrote the review by hand compares nothing.
    expect(reasons({}, { fingerprint: 'fedcba9876543210' })).toEqual([]);
  });
  it('after a drill that took longer than its target, and after a restore; the oldest first', () => {
    expect(reasons({}, { drills: [drill], restores: [restore] })).toEqual([
      'drill 2027-02-01T05:00:00Z: A drill of orders took 2.5 h, and the target is 2.0 h (r1)',
      'restore 2027-02-03T05:00:00Z: orders was restored on 2027-02-03: an incident, or the rehearsal of one (r2)',
    ]);
    const before = { at: '2027-01-01T00:00:00Z' };
    expect(reasons({}, { drills: [{ ...drill, ...before }], restores: [{ ...restore, ...before }] })).toEqual([]);
    expect(reasons({ triggers: ['release'] }, { restores: [restore] })).toEqual([]);
  });
});

describe('the fingerprint of a plan', () => {
  const plan =
    'version: 1\nsystem: a\nagreement: { review: { period: P6M, last: { by: x }, recorded: [1] } }\nassets: [{ id: b }, { id: c }]\n';
  const print = (text: string) => planFingerprint(parse(text));
  it.each([
    ['comments', `# what it is\n${plan}`],
    ['the order of fields', plan.replace('version: 1\nsystem: a\n', 'system: a\nversion: 1\n')],
    ['the records of reviews', plan.replace(', last: { by: x }, recorded: [1]', '')],
  ])('is not of %s', (_, text) => expect(print(text)).toBe(print(plan)));
  it.each([
    ['a value', plan.replace('system: a', 'system: b')],
    ['the period', plan.replace('P6M', 'P1Y')],
    ['the order of a list', plan.replace('{ id: b }, { id: c }', '{ id: c }, { id: b }')],
  ])('is of %s', (_, text) => expect(print(text)).not.toBe(print(plan)));
});
