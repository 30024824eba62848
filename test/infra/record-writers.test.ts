/** By which role's word a point goes, is held, or is released: in each vault, over everything that was synthesized. */
import { describe, expect, it } from 'vitest';
import { askOf } from './asks.ts';
import { roleNames, synthesize } from './synthesized.ts';

const synthesized = synthesize('ida');
const ask = askOf('ida', synthesized);
const roles = roleNames([synthesized.vault, synthesized.replicaVault, synthesized.pipeline, synthesized.recovery]);

const POINT = 'catalog/ida/postgres/20261121T011500Z/';
const RUN = '20261121T100000Z-3fa9c1';
const ONCE = { 's3:if-none-match': '*', 's3:ObjectCreationOperation': 'true' };
const COPIERS = ['copy-copy-records', 'copy-follow-record', 'copy-follow-missing'];

const sides = [
  { side: 'vault', suffix: '', copiers: [] as string[] },
  { side: 'replica', suffix: '-replica', copiers: COPIERS },
] as const;

describe.each(sides)('in the $side', ({ side, suffix, copiers }) => {
  const puts = (role: string, file: string) => ask.object(role, 's3:PutObject', side, `${POINT}${file}`, ONCE);
  const whoMay = (file: string) => roles.filter((role) => puts(role, file).outcome === 'allowed').toSorted();
  const named = (...names: string[]) => names.map((name) => `holdfast-ida-${name}`).toSorted();

  it('only retention says that a point has expired', () => {
    expect(whoMay(`tombstone-${RUN}.json`)).toEqual(named(`retention-expire-points${suffix}`));
    for (const file of ['tombstone-x', 'tombstone-x.json', `tombstone-${RUN}.dsse.json`])
      expect(puts('admin', file), file).toEqual({ outcome: 'denied', by: 'OnlyRetentionSaysThatItExpired' });
  });

  it('only the role that writes holds down says that a point is held; those that copy records may bring it', () => {
    expect(whoMay(`held-${RUN}.json`)).toEqual(named(`lock-record-hold${suffix}`, ...copiers));
    expect(puts('admin', `held-${RUN}.json`)).toEqual({ outcome: 'denied', by: 'OnlyHoldsSayThatItIsHeld' });
  });

  it('only that role says that a hold is released, and only the signer signs it', () => {
    expect(whoMay(`released-${RUN}.json`)).toEqual(named(`lock-record-hold${suffix}`));
    expect(whoMay(`released-${RUN}.dsse.json`)).toEqual(named(`evidence-sign-objects${suffix}`));
    for (const file of ['released-x', `released-${RUN}.dsse.json`])
      expect(puts('admin', file), file).toEqual({ outcome: 'denied', by: 'OnlyHoldsSayThatItIsReleased' });
  });

  it('whatever else is written beside a point goes on as it did, in an asset of any name', () => {
    if (side === 'replica') for (const role of named(...COPIERS)) expect(puts(role, `drilled-${RUN}.json`).outcome, role).toBe('allowed');
    const key = POINT.replace('postgres', 'released-tombstone-db');
    const other = ask.object(`holdfast-ida-lock-lock-objects${suffix}`, 's3:PutObject', side, `${key}locked-${RUN}.json`, ONCE);
    expect(other.outcome).toBe('allowed');
  });
});
