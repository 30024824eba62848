import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideApproval } from '../../../core/approval/decide.ts';
import { describeRequest, explainVerdict } from '../../../core/approval/explain.ts';
import { decision, HASH, records, ROLES, session } from './records.ts';

const NOW = new Date('2026-11-21T11:30:00Z');
const LATER = new Date('2026-11-21T13:00:00Z');
const [bob, cleo, dan] = ['bob', 'cleo', 'dan'].map((person) => session('approver', person)) as [
  ReturnType<typeof session>,
  ReturnType<typeof session>,
  ReturnType<typeof session>,
];
const judge = (...given: Parameters<typeof records>) => decideApproval(records(...given), ROLES, NOW);
const whyNot = (...given: Parameters<typeof records>) => {
  const { state, passedOver } = judge(...given);
  return [state, ...passedOver.map(({ why }) => why)];
};

describe('a request', () => {
  it('waits for as many different people as it needs', () => {
    expect(judge([]).state).toBe('waiting');
    expect(judge([decision(1, bob)]).state).toBe('approved');
    expect(judge([decision(1, bob)], { needed: 2 })).toMatchObject({ state: 'waiting', approvedBy: ['bob'], needed: 2 });
    expect(judge([decision(1, bob), decision(2, cleo)], { needed: 2 }).state).toBe('approved');
  });

  it('is not approved by whoever asked, under whatever role, and however the name is written', () => {
    expect(whyNot([decision(1, session('approver', 'ann'))])).toEqual(['waiting', 'nobody approves a request of his own']);
    expect(whyNot([decision(1, session('second-approver', 'ANN'))])).toEqual(['waiting', 'nobody approves a request of his own']);
  });

  it('counts one person once, with two roles as with two sessions', () => {
    const twice = [decision(1, bob), decision(2, session('second-approver', 'Bob'))];
    expect(whyNot(twice, { needed: 2 })).toEqual(['waiting', 'the same person has decided before']);
  });

  it('counts nobody of another role, and nobody of a role of that name in another account', () => {
    expect(whyNot([decision(1, session('requester', 'bob'))])).toEqual(['waiting', 'requester is none of the roles that approve']);
    expect(whyNot([decision(1, session('approver', 'bob', '222222222222'))])).toEqual([
      'waiting',
      'approver is none of the roles that approve',
    ]);
  });

  it('is rejected by one, whoever else approves', () => {
    const verdict = judge([decision(1, bob), decision(2, cleo, { outcome: 'rejected', reason: 'not on a Friday' })], { needed: 2 });
    expect(verdict).toMatchObject({ state: 'rejected', rejection: { by: 'cleo', reason: 'not on a Friday' } });
    expect(judge([decision(1, bob), decision(2, bob, { outcome: 'rejected' })], { needed: 2 }).state).toBe('rejected');
  });

  it('may be taken back by whoever asked, when he may approve others', () => {
    expect(judge([decision(1, session('approver', 'ann'), { outcome: 'rejected' })]).state).toBe('rejected');
  });

  it('expires, and takes nothing that came later, by either clock', () => {
    expect(decideApproval(records([]), ROLES, LATER).state).toBe('expired');
    const late = decision(1, bob, { at: '2026-11-21T12:00:01.000Z' });
    const replayed = decision(1, bob, {}, '2026-11-21T12:30:00.000Z');
    for (const one of [late, replayed])
      expect(decideApproval(records([one]), ROLES, LATER)).toMatchObject({
        state: 'expired',
        passedOver: [{ n: 1, by: 'bob', why: 'it came after the request had expired' }],
      });
    // What came in time counts, whenever it is looked at.
    expect(decideApproval(records([decision(1, bob)]), ROLES, LATER).state).toBe('approved');
  });

  it('takes no decision of another run, or of a request that reads otherwise', () => {
    for (const change of [{ run: '20261121T090000Z-3fa9c1' }, { requestSha256: 'b'.repeat(64) }, { system: 'nmia' }])
      expect(whyNot([decision(1, bob, change)])).toEqual(['waiting', 'it is about another request']);
  });

  it('needs one more when nobody knows who asked, until somebody does', () => {
    const unknown = records([decision(1, bob)], { author: undefined });
    expect(decideApproval(unknown, ROLES, NOW)).toMatchObject({ state: 'waiting', needed: 2, isAuthorKnown: false });
    expect(decideApproval({ ...unknown, author: session('requester', 'ann') }, ROLES, NOW).state).toBe('approved');
    expect(decideApproval({ ...unknown, author: session('requester', 'bob') }, ROLES, NOW)).toMatchObject({
      state: 'waiting',
      passedOver: [{ why: 'nobody approves a request of his own' }],
    });
    expect(decideApproval(records([decision(1, bob), decision(2, cleo)], { author: undefined }), ROLES, NOW).state).toBe('approved');
  });

  it('is refused when who asked may not', () => {
    expect(judge([decision(1, bob)], { author: session('admin', 'ann') }).state).toBe('refused');
  });

  it('gets the same answer from the same records in any order', () => {
    const people = [bob, cleo, dan, session('second-approver', 'bob'), session('requester', 'eve'), session('approver', 'ann')];
    const any = fc.record({
      by: fc.constantFrom(...people),
      outcome: fc.constantFrom('approved' as const, 'rejected' as const),
      at: fc.constantFrom('2026-11-21T10:30:00.000Z', '2026-11-21T12:30:00.000Z'),
      requestSha256: fc.constantFrom(HASH, HASH, 'b'.repeat(64)),
    });
    fc.assert(
      fc.property(
        fc.array(any, { maxLength: 7 }),
        fc.integer({ min: 1, max: 3 }),
        fc.boolean(),
        fc.infiniteStream(fc.nat()),
        (drawn, needed, isKnown, keys) => {
          const decisions = drawn.map(({ by, ...change }, index) => decision(index + 1, by, { ...change, reason: 'because' }));
          const shuffled = decisions.map((one) => ({ one, key: keys.next().value as number })).toSorted((a, b) => a.key - b.key);
          const change = { needed, ...(isKnown ? {} : { author: undefined }) };
          const answer = decideApproval(records(decisions, change), ROLES, NOW);
          expect(
            decideApproval(
              records(
                shuffled.map(({ one }) => one),
                change,
              ),
              ROLES,
              NOW,
            ),
          ).toEqual(answer);
          // Never by fewer people than the plan says, never by whoever asked.
          if (answer.state === 'approved') {
            expect(new Set(answer.approvedBy).size).toBeGreaterThanOrEqual(isKnown ? needed : needed + 1);
            expect(answer.approvedBy.every((name) => ['bob', 'cleo', 'dan', ...(isKnown ? [] : ['ann'])].includes(name))).toBe(true);
          }
        },
      ),
    );
  });
});

it('a request says how old its data is in minutes, hours or days', () => {
  const { request } = records([]);
  const consistentAt = '2026-11-21T10:00:00.000Z';
  const at = (minutes: number) =>
    describeRequest(
      { ...request, point: '20261121T100000Z', asked: { ...request.asked, consistentAt } },
      new Date(Date.parse(consistentAt) + 60_000 * minutes),
    ).find(([label]) => label === 'Point')?.[1];
  expect([6, 31, 150, 60 * 72].map(at)).toEqual(
    ['6 min', '31 min', '3 h', '3 days'].map((age) => `20261121T100000Z, its data is ${age} old`),
  );
});

describe('a verdict in words', () => {
  const say = (...given: Parameters<typeof records>) => explainVerdict(judge(...given), records(...given).request);
  it('names who, how many, and what does not count', () => {
    expect(say([decision(1, bob)])).toBe('Approved by bob');
    expect(say([decision(1, bob, { outcome: 'rejected', reason: 'not on a Friday' })])).toBe('bob rejected the request: not on a Friday');
    expect(say([decision(1, session('approver', 'ann'))], { author: undefined, needed: 2 })).toBe(
      'Waiting since 2026-11-21 10:00Z: 1 of 3 approvals (ann); one more than the plan says, since nobody knows who asked',
    );
    expect(explainVerdict(decideApproval(records([decision(1, session('approver', 'ann'))]), ROLES, LATER), records([]).request)).toBe(
      'The request expired at 2026-11-21 12:00Z with 0 of 1 approvals (nobody); decision 1 of ann does not count: nobody approves a request of his own',
    );
  });
});
