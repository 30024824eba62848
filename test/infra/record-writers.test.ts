/** By which role's word a point goes, is held, or is released: in each vault, over everything that was synthesized. */
import { describe, expect, it } from 'vitest';
import { signOffKey, stepTickKey, tickKey } from '../../core/sign-off/records.ts';
import { signatureKey } from '../../core/vault/keys.ts';
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

describe('what people say of a restore', () => {
  const vault = (role: string, key: string) => ask.object(role, 's3:PutObject', 'vault', key, ONCE);
  const whoMay = (key: string) => roles.filter((role) => vault(role, key).outcome === 'allowed').toSorted();
  const papers = 'restores/ida/postgres/';

  it.each([
    ['a sign-off', signOffKey('ida', RUN)],
    ['a check that is ticked', tickKey({ system: 'ida', asset: 'postgres', run: RUN }, 'check', 0)],
    ['a step that was stopped by hand', stepTickKey({ system: 'ida', asset: 'postgres', run: RUN }, 3, 'stop')],
  ])('%s is the word of signed calls alone', (_, key) => {
    expect(whoMay(key)).toEqual(['holdfast-ida-sign-off-take-word']);
    expect(vault('admin', key)).toEqual({ outcome: 'denied', by: 'OnlyPeopleTickAndSignOff' });
  });

  it('a sign-off is signed by the signer alone, and other papers of a restore are written as they were', () => {
    expect(whoMay(signatureKey(signOffKey('ida', RUN)))).toEqual(['holdfast-ida-evidence-sign-objects']);
    expect(whoMay(`${papers}${RUN}/validated.json`)).not.toContain('holdfast-ida-sign-off-take-word');
    expect(whoMay(`${papers}${RUN}/validated.json`).length).toBeGreaterThan(0);
  });
});
