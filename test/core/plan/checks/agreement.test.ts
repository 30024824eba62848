import { describe, expect, it } from 'vitest';
import { checkPlan } from '../../../../core/plan/check.ts';
import { checkAccepted } from '../../../../core/plan/checks/accepted.ts';
import { checkFeasibility } from '../../../../core/plan/checks/feasibility.ts';
import { checkOwnership } from '../../../../core/plan/checks/ownership.ts';
import { checkRestoreTest } from '../../../../core/plan/checks/restore-test.ts';
import { checkReview } from '../../../../core/plan/checks/review.ts';
import { checkScope } from '../../../../core/plan/checks/scope.ts';
import type { Agreement } from '../../../../core/plan/schema-agreement.ts';
import { judged, NOW, planWith, type Change } from '../plan-fixture.ts';

const agree =
  (change: (agreement: Agreement) => void): Change =>
  (plan) => {
    if (plan.agreement) change(plan.agreement);
  };

it('finds nothing in a plan that says all of it', () =>
  expect(checkPlan(planWith(), NOW).filter(({ path }) => !path.endsWith('.fromReplica'))).toEqual([]));

describe('ownership unclear (DM-6)', () => {
  it('of a plan without an agreement is one warning, and no other rule speaks of it', () => {
    const change: Change = (plan) => delete plan.agreement;
    expect(judged(checkOwnership, change)).toEqual([
      expect.stringMatching(/^warning agreement = \(nothing\): Ownership is unclear: .* → Add/),
    ]);
    for (const rule of [checkScope, checkRestoreTest, checkReview]) expect(judged(rule, change)).toEqual([]);
  });

  it.each(['hosting', 'backup', 'recovery', 'support'] as const)('names %s where nobody has it', (duty) => {
    expect(
      judged(
        checkOwnership,
        agree(({ owners }) => delete owners[duty]),
      ),
    ).toEqual([expect.stringMatching(new RegExp(`^warning agreement\\.owners\\.${duty} = \\(nothing\\): Ownership is unclear`))]);
  });

  it.each(['TBD', 'n/a', 'to be decided', '???', ' todo '])('takes %s for nobody’s name', (who) => {
    expect(judged(checkOwnership, (plan) => void (plan.owner = who))).toHaveLength(1);
    expect(
      judged(
        checkOwnership,
        agree(({ owners }) => void (owners.backup = { who })),
      ),
    ).toHaveLength(1);
    expect(judged(checkOwnership, (_, database) => void (database.owner = who))).toHaveLength(1);
    expect(
      judged(
        checkOwnership,
        agree(({ owners }) => void (owners.support = { who: 'Desk', contact: who })),
      ),
    ).toHaveLength(1);
  });

  it('wants to know how those are reached whom a loss begins with', () => {
    for (const duty of ['recovery', 'support'] as const)
      expect(
        judged(
          checkOwnership,
          agree(({ owners }) => void (owners[duty] = { who: 'Team' })),
        ),
      ).toHaveLength(1);
  });
});

describe('restore test cannot start (DM-6)', () => {
  it('without an environment in which it is validated', () =>
    expect(
      judged(
        checkRestoreTest,
        agree((agreement) => delete agreement.restoreEnvironment),
      )[0],
    ).toContain('A restore test cannot start'));
  it('without knowing whose infrastructure it is', () =>
    expect(
      judged(
        checkRestoreTest,
        agree((agreement) => delete agreement.deployment),
      ),
    ).toHaveLength(1));
  it('on premises, from a new VPC that leads nowhere', () => {
    const onPremises = agree((agreement) => void (agreement.deployment = { model: 'on-premises' }));
    expect(judged(checkRestoreTest, onPremises)).toEqual([expect.stringContaining('warning network.kind')]);
  });
});

describe('restored data incomplete (DM-6)', () => {
  it('names the standard areas that nothing is said of', () => {
    const [found] = judged(
      checkScope,
      agree(({ scope }) => void scope.splice(2, 2)),
    );
    expect(found).toContain('Restored data may be incomplete: nothing says whether this is protected: files and media, integration state');
  });
  it('takes the name of an area however it is written', () =>
    expect(
      judged(
        checkScope,
        agree(({ scope }) => void (scope[4]!.area = 'ai workflow Evidence')),
      ),
    ).toEqual([]));
  it('refuses an asset that there is not, and an area named twice', () => {
    expect(
      judged(
        checkScope,
        agree(({ scope }) => scope[0]!.assets.push('invoices')),
      ),
    ).toEqual([expect.stringContaining('error agreement.scope[0].assets[1]')]);
    const twice = judged(
      checkScope,
      agree(({ scope }) => scope.push({ area: 'Files and media', assets: [], validatedBy: [], out: 'None at all' })),
    );
    expect(twice).toEqual([expect.stringContaining('error agreement.scope[5].area')]);
  });
  it('wants a check by which an area shows that it came back', () => {
    expect(
      judged(
        checkScope,
        agree(({ scope }) => void (scope[1]!.validatedBy = [])),
      )[0],
    ).toContain('no check shows that operational data came back');
    expect(
      judged(
        checkScope,
        agree(({ scope }) => void (scope[1]!.validatedBy = ['invoices are there'])),
      )[0],
    ).toContain('Name one of orders are there');
  });
  it.each(['logs in', 'answers', 'the salt opens', 'seen by eye', 'counted after a restore'])('takes "%s" for what shows it', (name) => {
    const named = (is: string) => (is === name ? [{ name }] : []);
    const change: Change = (...parts) => {
      const [, database] = parts;
      agree(({ scope }) => void (scope[1]!.validatedBy = [name]))(...parts);
      const validation = { checks: named('counted after a restore'), probes: [], logins: [], manual: named('seen by eye') };
      const application = { probes: named('answers'), logins: named('logs in') };
      Object.assign(database.drill, { application, canaries: named('the salt opens') });
      database.restore = { ...database.restore, validation } as never;
    };
    expect(judged(checkScope, change)).toEqual([]);
  });
  it('names a database that no area names', () => {
    const found = judged(
      checkScope,
      agree(({ scope }) => void scope.splice(0, 2, { area: 'keys', assets: ['card-key'], validatedBy: [] })),
    );
    expect(found.filter((line) => line.includes('nothing says what it holds'))).toEqual([expect.stringContaining('assets[orders].id')]);
  });
});

describe('objective unrealistic (DM-6)', () => {
  const expected = { sizeGiB: 100, restoreMiBps: 25 };
  it('adds up volume, path, people and validation, and names the largest', () => {
    const [found, ...rest] = judged(checkFeasibility, (_, database) => {
      database.expected = { ...expected, networkMiBps: 20, detection: 'PT10M', approval: 'PT20M', manual: 'PT5M', validation: 'PT15M' };
    });
    expect(rest).toEqual([]);
    expect(found).toContain('assets[orders].objectives.rto');
    expect(found).toContain(
      'a recovery takes about 2.3 h, and the RTO is 2 h: detection 10 min (stated: expected.detection), approval 20 min',
    );
    expect(found).toContain('transfer 1.4 h (stated: 100 GiB at 20 MiB a second), validation 15 min');
    expect(found).toContain('The largest part is transfer');
  });
  it('is not said where it fits, or a gap allows it', () => {
    expect(judged(checkFeasibility, (_, database) => void (database.expected = expected))).toEqual([]);
    const allowed: Change = (_, database) => {
      database.expected = { ...expected, validation: 'PT2H' };
      database.gaps = [{ what: 'An RTO of two hours', reason: 'People validate it', objective: 'rto', bound: 'PT4H' }];
    };
    expect(judged(checkFeasibility, allowed)).toEqual([]);
  });
  it('is no longer than the RTO where a gap is shorter', () => {
    const shorter: Change = (_, database) => {
      database.expected = expected;
      database.gaps = [{ what: 'An RTO of two hours', reason: 'People validate it', objective: 'rto', bound: 'PT1H' }];
    };
    expect(judged(checkFeasibility, shorter)).toEqual([]);
  });
  it('is not known where nothing is expected, and then what the RTO is enough for is said', () => {
    const silent =
      (rto: string, over: object = {}): Change =>
      (_, database) => {
        delete database.expected;
        Object.assign(database.objectives, { rto });
        Object.assign(database, over);
      };
    expect(judged(checkFeasibility, silent('PT1M'))).toEqual([
      expect.stringMatching(
        /^warning assets\[orders\]\.expected = .*1 min are enough for 1\.4 GiB of database at 25 MiB a second, the rate that is assumed/,
      ),
    ]);
    const followUps = [{ name: 'dns', kind: 'dns' as const, what: 'Point the name at it', duration: 'PT30M' }];
    expect(judged(checkFeasibility, silent('PT1H', { restore: { secret: 's', followUps } }))[0]).toContain('1 h are enough for 43 GiB');
    expect(judged(checkFeasibility, silent('PT20M', { restore: { secret: 's', followUps } }))).toEqual([
      expect.stringContaining('The objective is unrealistic: a recovery takes about 30 min, and the RTO is 20 min'),
    ]);
  });
  it('counts secrets that are bound to a host, of keys too', () => {
    const followUps = [{ name: 'secrets', kind: 'provision-secrets' as const, what: 'Set each of them', count: 200, secondsPerSecret: 30 }];
    expect(judged(checkFeasibility, (_, __, key) => void (key.followUps = followUps))[0]).toContain(
      'host-bound secrets 1.7 h (stated: secrets: 200 × 30 s)',
    );
    expect(judged(checkFeasibility, (_, __, key) => void (key.followUps = [{ ...followUps[0]!, count: 119 }]))).toEqual([]);
  });
});

describe('reviews (DM-5)', () => {
  it('wants one to be due some day', () =>
    expect(
      judged(
        checkReview,
        agree((agreement) => delete agreement.review),
      )[0],
    ).toContain('No review is ever due'));
  it('says that one is due, and why', () => {
    expect(
      judged(
        checkReview,
        agree(({ review }) => void delete review?.last),
      )[0],
    ).toContain('No review of this plan was ever recorded');
    expect(judged(checkReview, undefined, new Date('2027-05-02T00:00:00Z'))[0]).toContain(
      'A review is due: The last one was on 2026-11-01, and P6M are over',
    );
  });
  it('refuses a record of what is still to come', () => {
    const ahead = agree(({ review }) => review?.recorded.push({ trigger: 'release', at: '2026-12-24T00:00:00Z', note: '5.0' }));
    expect(judged(checkReview, ahead)[0]).toContain('error agreement.review.recorded[0].at');
  });
});

it('says of a target that a drill changed and nobody accepted', () => {
  const changed: Change = (_, { objectives }) => void (objectives.measured = { rto: { seconds: 8000, drill: 'run', was: 'PT1H' } });
  expect(judged(checkAccepted, changed)).toEqual([
    expect.stringContaining('A drill measured 2.2 h, so that this replaced PT1H; nobody has accepted it'),
  ]);
  const accepted =
    (seconds: number): Change =>
    (...of) => {
      changed(...of);
      of[1].objectives.rto = 'PT3H';
      of[1].objectives.accepted = { rto: { seconds, by: 'Owner', at: '2026-11-20T00:00:00Z' } };
    };
  expect(judged(checkAccepted, accepted(8000))).toEqual([]);
  // What was accepted was another drill.
  expect(judged(checkAccepted, accepted(7000))).toHaveLength(1);
  const tightened: Change = (...of) => {
    accepted(8000)(...of);
    of[1].objectives.rto = 'PT1H';
  };
  expect(judged(checkAccepted, tightened)).toEqual([
    expect.stringContaining('2.2 h were accepted, and the target is PT1H: it was made shorter since, and counts alone'),
  ]);
});
