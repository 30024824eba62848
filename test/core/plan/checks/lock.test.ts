import { describe, expect, it } from 'vitest';
import { checkCompliance, checkComplianceOfEvidence } from '../../../../core/plan/checks/compliance.ts';
import { checkDataLimit } from '../../../../core/plan/checks/data-limit.ts';
import { checkLockLimits, checkLockOutlastsDetection, checkRetentionOutlastsLock } from '../../../../core/plan/checks/lock.ts';
import { judged } from '../plan-fixture.ts';

describe('lock', () => {
  it('says nothing of a good one', () => {
    expect(
      [checkLockOutlastsDetection, checkRetentionOutlastsLock, checkLockLimits, checkCompliance, checkDataLimit].flatMap((rule) =>
        judged(rule),
      ),
    ).toEqual([]);
  });

  it('must outlast detection', () => {
    expect(judged(checkLockOutlastsDetection, (_, { lock }) => void (lock.longestDetection = 'P31D'))).toEqual([
      "error assets[orders].lock.length = 'P30D': Damage may be noticed only after 31 days, when the last good point is no longer locked → Lock for at least P31D",
    ]);
    expect(judged(checkLockOutlastsDetection, (_, { lock }) => void (lock.longestDetection = 'P30D'))).toEqual([]);
  });

  it('must not outlast retention', () => {
    expect(judged(checkRetentionOutlastsLock, (_, { lock }) => void (lock.length = 'P1M'))[0]).toContain(
      "error assets[orders].retention.hot = 'P30D'",
    );
  });

  it('ends within the 100 years of S3', () => {
    const found = judged(checkLockLimits, (plan, { lock, retention }) => {
      lock.length = 'P101Y';
      retention.yearly = 'P120Y';
      plan.evidence.retention = 'P40000D';
    });
    expect(found.map((text) => text.split(' = ')[0])).toEqual([
      'error assets[orders].lock.length',
      'error assets[orders].retention.yearly',
      'error evidence.retention',
    ]);
  });
});

describe('compliance mode', () => {
  const compliance = (acknowledgedUntil?: string, now?: Date) =>
    judged(checkCompliance, (_, { lock }) => void Object.assign(lock, { mode: 'compliance', acknowledgedUntil }), now);

  it('needs a date that covers the lock of a point made today', () => {
    expect(compliance()[0]).toContain('error assets[orders].lock.acknowledgedUntil = (nothing)');
    expect(compliance('2026-12-20')[0]).toContain('may be locked until 2026-12-21');
    expect(compliance('2026-12-21')).toEqual([]);
    expect(compliance('2026-12-21', new Date('2026-11-22T00:00:00Z'))).toHaveLength(1);
  });

  it('needs a date that covers what the point may be locked for later: as the first of its month, or for ever', () => {
    const withRetention = (more: object, acknowledgedUntil: string) =>
      judged(checkCompliance, (_, { lock, retention }) => {
        Object.assign(lock, { mode: 'compliance', acknowledgedUntil });
        Object.assign(retention, more);
      });
    expect(withRetention({ monthly: 'P12M' }, '2026-12-21')[0]).toContain('may be locked until 2027-11-22, beyond');
    expect(withRetention({ monthly: 'P12M' }, '2027-11-22')).toEqual([]);
    expect(withRetention({ forever: true }, '2027-11-22')[0]).toContain('2029-01-29 or later');
    expect(withRetention({ forever: true }, '2029-01-29')).toEqual([]);
  });

  it('holds for evidence as well, which is said', () => {
    const ofEvidence = (acknowledgedUntil: string, mode = 'compliance') =>
      judged(checkComplianceOfEvidence, (_, { lock }) => void Object.assign(lock, { mode, acknowledgedUntil }));
    expect(ofEvidence('2026-12-21')[0]).toMatch(/^warning evidence.retention = 'P10Y': .* until 2036-11-2\d, beyond what was accepted/);
    expect(ofEvidence('2036-12-01')).toEqual([]);
    expect(ofEvidence('', 'governance')).toEqual([]);
  });

  it('is not acknowledged in governance mode', () => {
    expect(judged(checkCompliance, (_, { lock }) => void (lock.acknowledgedUntil = '2027-01-01'))[0]).toContain('warning');
  });
});

describe('stated limit', () => {
  it('bounds lock and retention', () => {
    const found = judged(checkDataLimit, (_, { retention }) => void Object.assign(retention, { statedLimit: 'P2W', monthly: 'P1Y' }));
    expect(found.map((text) => text.split(':')[0])).toEqual([
      "error assets[orders].lock.length = 'P30D'",
      "error assets[orders].retention.hot = 'P30D'",
      "error assets[orders].retention.monthly = 'P1Y'",
    ]);
    expect(judged(checkDataLimit, (_, { retention }) => void (retention.statedLimit = 'P30D'))).toEqual([]);
  });

  it('is asked for where personal data is locked beyond anybody’s power', () => {
    const found = judged(checkDataLimit, (plan, { lock }) => {
      plan.classification = 'restricted';
      lock.mode = 'compliance';
    });
    expect(found[0]).toContain('warning assets[orders].retention.statedLimit');
  });
});
