import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Claim } from '../../../core/backup/claim.ts';
import { decideAdmission, UNKNOWN_MEANS_ENDED_AFTER_SECONDS } from '../../../core/backup/decide-admission.ts';
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
  const table: [string, { claimant?: string; state?: ExecutionState; ageSeconds?: number; hasPoint?: boolean }, string, RegExp][] = [
    ['a free slot', {}, 'claim 1', /nobody has claimed/],
    ['a slot with a point', { hasPoint: true }, 'refuse', /already has a point/],
    ['a slot with a point, of its own', { claimant: 'me', state: 'running', hasPoint: true }, 'refuse', /already has a point/],
    ['its own slot', { claimant: 'me', state: 'running' }, 'holds 3', /this execution holds/],
    ['its own slot, whatever is known of it', { claimant: 'me', state: 'unknown' }, 'holds 3', /this execution holds/],
    ['a slot of one that runs', { claimant: 'other', state: 'running', ageSeconds: 1e6 }, 'refuse', /other, which is running/],
    ['a slot of one that ended', { claimant: 'other', state: 'ended' }, 'claim 4', /ended without a point/],
    ['a slot of one not seen yet', { claimant: 'other', state: 'unknown', ageSeconds: young }, 'refuse', /about to run/],
    ['a slot of one that was forgotten', { claimant: 'other', state: 'unknown', ageSeconds: old }, 'claim 4', /ended/],
  ];
  it.each(table)('%s', (_, { claimant, state = 'running', ageSeconds = 0, hasPoint = false }, decision, reason) => {
    const highest = claimant ? { claim: claimOf(claimant, 3, ageSeconds), state } : undefined;
    const admission = decideAdmission({ execution: 'me', highest, hasPoint, now: NOW });
    expect(admission.decision + ('claim' in admission ? ` ${admission.claim}` : '')).toBe(decision);
    expect(admission.reason).toMatch(reason);
  });

  /**
   * Every step of every execution in any order: read the highest claim, ask what became of it, look for the point, write; and
   * in between executions die, and those that were admitted commit, even after they died, as a task that was not stopped may.
   */
  it('in any order of steps, lets nobody in beside one that runs', () => {
    type Asking = { step: 0 | 1 | 2 | 3; read?: Claim | undefined; state?: ExecutionState; hasPoint?: boolean };
    const event = fc.record({ who: fc.nat(5), what: fc.constantFrom('ask', 'ask', 'ask', 'ask', 'die', 'commit') });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 120 }), (events) => {
        const claims: Claim[] = [];
        const alive = new Set([0, 1, 2, 3, 4, 5]);
        const asking = new Map<number, Asking>();
        const admitted = new Set<number>();
        const committedAlive = new Set<string>();
        let hasPoint = false;
        for (const { who, what } of events) {
          const name = String(who);
          if (what === 'die') alive.delete(who);
          else if (what === 'commit') {
            hasPoint ||= admitted.has(who);
            if (admitted.has(who) && alive.has(who)) committedAlive.add(name);
          } else if (alive.has(who) && !admitted.has(who)) {
            const at = asking.get(who) ?? { step: 0 };
            if (at.step === 0) asking.set(who, { step: 1, read: claims.at(-1) });
            else if (at.step === 1)
              asking.set(who, { ...at, step: 2, state: at.read && alive.has(Number(at.read.execution)) ? 'running' : 'ended' });
            else if (at.step === 2) asking.set(who, { ...at, step: 3, hasPoint });
            else {
              asking.delete(who);
              const highest = at.read && { claim: at.read, state: at.state ?? 'running' };
              const admission = decideAdmission({ execution: name, highest, hasPoint: at.hasPoint ?? false, now: NOW });
              if (admission.decision === 'holds') admitted.add(who);
              if (admission.decision === 'claim' && claims.length === admission.claim - 1) {
                // Who takes over from one that ended knows whether that one had committed.
                expect(committedAlive).not.toContain(at.read?.execution);
                claims.push(claimOf(name, admission.claim));
                admitted.add(who);
              }
            }
          }
          const running = [...admitted].filter((one) => alive.has(one));
          expect(running.length).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
