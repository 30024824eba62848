import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Claim } from '../../../core/backup/claim.ts';
import {
  decideAdmission,
  decidePointState,
  UNKNOWN_MEANS_ENDED_AFTER_SECONDS,
  type PointState,
} from '../../../core/backup/decide-admission.ts';
import type { ExecutionState } from '../../../core/ports/executions.ts';

const NOW = new Date('2026-11-20T02:00:00Z');
const claimOf = (execution: string, claim: number, ageSeconds = 0): Claim => ({
  format: 'holdfast/claim/v1',
  system: 'ida',
  asset: 'main',
  slot: '20261120T020000Z',
  claim,
  execution,
  run: 'run',
  claimedAt: new Date(NOW.getTime() - ageSeconds * 1000).toISOString(),
});

describe('decideAdmission', () => {
  const young = UNKNOWN_MEANS_ENDED_AFTER_SECONDS - 1;
  const old = UNKNOWN_MEANS_ENDED_AFTER_SECONDS;
  const table: [string, { claimant?: string; state?: ExecutionState; ageSeconds?: number; point?: PointState }, string, RegExp][] = [
    ['a free slot', {}, 'claim 1', /nobody has claimed/],
    ['a slot with a whole record and no claim', { point: 'recorded' }, 'refuse', /is finished/],
    ['a slot with a point and no claim', { point: 'committed' }, 'claim 1 committed', /nobody has claimed/],
    ['its own slot', { claimant: 'me', state: 'running' }, 'holds 3', /this execution holds/],
    ['its own slot, whatever is known of it', { claimant: 'me', state: 'unknown' }, 'holds 3', /this execution holds/],
    ['a slot of one that runs', { claimant: 'other', state: 'running', ageSeconds: 1e6 }, 'refuse', /other, which is running/],
    ['a slot of one that failed', { claimant: 'other', state: 'failed' }, 'claim 4', /ended without a point/],
    ['a slot of one that made no point', { claimant: 'other', state: 'succeeded' }, 'claim 4', /ended without a point/],
    ['a slot of one not seen yet', { claimant: 'other', state: 'unknown', ageSeconds: young }, 'refuse', /about to run/],
    ['a slot of one that was forgotten', { claimant: 'other', state: 'unknown', ageSeconds: old }, 'claim 4', /ended/],
    ['its own slot, to finish', { claimant: 'me', point: 'committed' }, 'holds 3 committed', /this execution holds/],
    ['its own slot, to finish at the last steps', { claimant: 'me', point: 'recorded' }, 'holds 3 committed', /this execution holds/],
    ['a point of one that runs', { claimant: 'other', state: 'running', point: 'committed' }, 'refuse', /which is running/],
    ['a recorded point of one that runs', { claimant: 'other', state: 'running', point: 'recorded' }, 'refuse', /which is running/],
    ['a point of one that failed', { claimant: 'other', state: 'failed', point: 'committed' }, 'claim 4 committed', /unfinished/],
    [
      'a point of one that failed at the last steps',
      { claimant: 'other', state: 'failed', point: 'recorded' },
      'claim 4 committed',
      /unfinished/,
    ],
    ['a point of one that succeeded', { claimant: 'other', state: 'succeeded', point: 'recorded' }, 'refuse', /is finished/],
    [
      'a point that lacks a fact in spite of it',
      { claimant: 'other', state: 'succeeded', point: 'committed' },
      'claim 4 committed',
      /unfinished/,
    ],
    [
      'a point of one not seen yet',
      { claimant: 'other', state: 'unknown', ageSeconds: young, point: 'committed' },
      'refuse',
      /about to run/,
    ],
    [
      'a point of one that was forgotten',
      { claimant: 'other', state: 'unknown', ageSeconds: old, point: 'committed' },
      'claim 4 committed',
      /unfinished/,
    ],
    [
      'a recorded point of one that was forgotten',
      { claimant: 'other', state: 'unknown', ageSeconds: old, point: 'recorded' },
      'refuse',
      /finished/,
    ],
  ];
  it.each(table)('%s', (_, { claimant, state = 'running', ageSeconds = 0, point = 'none' }, decision, reason) => {
    const highest = claimant ? { claim: claimOf(claimant, 3, ageSeconds), state } : undefined;
    const admission = decideAdmission({ execution: 'me', highest, point, now: NOW });
    const held = 'claim' in admission ? ` ${admission.claim}${admission.committed ? ' committed' : ''}` : '';
    expect(admission.decision + held).toBe(decision);
    expect(admission.reason).toMatch(reason);
  });

  it('takes a point for recorded when all that a whole run writes beside it is there, and nothing else', () => {
    const kinds = ['verified', 'locked', 'replicated', 'drilled'] as const;
    expect(decidePointState(undefined)).toBe('none');
    fc.assert(
      fc.property(fc.subarray([...kinds]), fc.boolean(), (found, isSigned) => {
        const whole = isSigned && ['verified', 'locked', 'replicated'].every((kind) => (found as string[]).includes(kind));
        expect(decidePointState({ kinds: new Set(found), isSigned })).toBe(whole ? 'recorded' : 'committed');
      }),
    );
  });

  /**
   * Every step of every execution in any order: read the highest claim, ask what became of it, look at the point, write; in between
   * executions die, and those that were admitted go on: a dump, even after its execution died, as a task that was not stopped may,
   * then what a run writes beside the point, then the last steps, which leave nothing beside it.
   */
  it('in any order of steps, lets nobody in beside one that runs, dumps once, and gives an unfinished point to the next', () => {
    type Asking = { step: 0 | 1 | 2 | 3; read?: Claim | undefined; state?: ExecutionState; point?: PointState };
    const event = fc.record({ who: fc.nat(2), what: fc.constantFrom('ask', 'ask', 'ask', 'ask', 'die', 'work', 'work') });
    let finishedByAnother = 0;
    fc.assert(
      fc.property(fc.array(event, { maxLength: 120, size: 'max' }), (events) => {
        const claims: Claim[] = [];
        const ended = new Map<number, ExecutionState>();
        const asking = new Map<number, Asking>();
        /** Whether each was told that the point is there. */
        const admitted = new Map<number, boolean>();
        let point: PointState = 'none';
        let isFinished = false;
        let committer: number | undefined;
        const work = (who: number) => {
          const wasTold = admitted.get(who);
          if (wasTold === undefined) return;
          if (point === 'none') {
            // Who was told that there is a point makes none.
            expect(wasTold).toBe(false);
            point = 'committed';
            committer = who;
          } else if (ended.has(who)) return;
          else if (point === 'committed') point = 'recorded';
          else {
            isFinished = true;
            if (committer !== who) finishedByAnother++;
            ended.set(who, 'succeeded');
          }
        };
        const ask = (who: number) => {
          const name = String(who);
          const at = asking.get(who) ?? { step: 0 };
          if (at.step === 0) asking.set(who, { step: 1, read: claims.at(-1) });
          else if (at.step === 1)
            asking.set(who, { ...at, step: 2, state: at.read && (ended.get(Number(at.read.execution)) ?? 'running') });
          else if (at.step === 2) asking.set(who, { ...at, step: 3, point });
          else {
            asking.delete(who);
            const highest = at.read && { claim: at.read, state: at.state ?? 'running' };
            const admission = decideAdmission({ execution: name, highest, point: at.point ?? 'none', now: NOW });
            if (admission.decision === 'refuse') return;
            if (admission.decision === 'claim') {
              if (claims.length !== admission.claim - 1) return;
              claims.push(claimOf(name, admission.claim));
            }
            // A finished point is nobody's to take up, and one that is there is not taken for missing, but by a dump that outlived its run.
            expect(isFinished).toBe(false);
            if (!admission.committed && committer !== undefined) expect(ended.get(committer)).toBe('failed');
            admitted.set(who, admission.committed);
          }
        };
        for (const { who, what } of events) {
          if (what === 'work') work(who);
          else if (!ended.has(who) && what === 'die') ended.set(who, 'failed');
          else if (!ended.has(who) && what === 'ask' && !admitted.has(who)) ask(who);
          expect([...admitted.keys()].filter((one) => !ended.has(one)).length).toBeLessThanOrEqual(1);
        }
        // Whatever happened, once all runs are over a point that is not finished is given to the next that asks.
        for (const who of [0, 1, 2]) if (!ended.has(who)) ended.set(who, 'failed');
        const last = claims.at(-1);
        const highest = last && { claim: last, state: ended.get(Number(last.execution)) ?? ('running' as const) };
        const admission = decideAdmission({ execution: 'next', highest, point, now: NOW });
        expect(admission).toMatchObject(isFinished ? { decision: 'refuse' } : { decision: 'claim', committed: point !== 'none' });
      }),
      { numRuns: process.env['HOLDFAST_SOAK'] === '1' ? 3000 : 600 },
    );
    expect(finishedByAnother).toBeGreaterThan(0);
  });
});
