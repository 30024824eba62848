/** What the key watches saw, as reasons of the assets that hang on it. */
import { describe, expect, it } from 'vitest';
import { decideColour } from '../../../core/status/decide-colour.ts';
import { judgeUsed } from '../../../core/status/decide-used.ts';
import type { KeyWatchRecord } from '../../../core/watch/key-record.ts';
import type { Used } from '../../../core/watch/used.ts';
import { database, keyAsset, NOW } from './states.ts';

const record = (...used: Used[]): KeyWatchRecord => ({
  format: 'holdfast/key-watch/v1',
  system: 'ida',
  region: 'eu-central-1',
  at: '2026-11-21T10:05:00.000Z',
  used,
});
const own = (purpose: string, over: Partial<Extract<Used, { kind: 'key' }>> = {}): Used => ({
  kind: 'key',
  alias: `alias/holdfast/ida/${purpose}`,
  arn: `arn:aws:kms:eu-central-1:111122223333:key/${purpose}`,
  state: 'disabled',
  ...over,
});
const of = (name: string, store: 'secret' | 'parameter' = 'secret') => ({ store, name });
const codes = (asset: Parameters<typeof judgeUsed>[0], ...used: Used[]) =>
  judgeUsed(asset, { vault: record(...used) }).map(({ colour, code }) => `${colour} ${code}`);

describe('of the keys of the system', () => {
  it.each([
    ['escrow', ['red kms-key-endangered'], []],
    ['fingerprint', ['red kms-key-endangered'], []],
    ['vault', [], ['red kms-key-endangered']],
    ['evidence', [], ['red kms-key-endangered']],
  ])('%s is the matter of what hangs on it', (purpose, ofKey, ofDatabase) => {
    expect(codes(keyAsset(), own(purpose))).toEqual(ofKey);
    expect(codes(database(), own(purpose))).toEqual(ofDatabase);
  });

  it('says what is wrong, until when, where, and when that was seen', () => {
    const going = own('escrow', { state: 'deletion-scheduled', endsAt: '2026-12-21T10:00:00.000Z' });
    expect(judgeUsed(keyAsset(), { replica: record(going) }).map(({ text }) => text)).toEqual([
      'The key alias/holdfast/ida/escrow (arn:aws:kms:eu-central-1:111122223333:key/escrow) is to be deleted on 2026-12-21 (the replica’s region, seen 2026-11-21 10:05 UTC)',
    ]);
  });

  it('what works, or could not be looked at, is no reason', () => {
    expect(codes(keyAsset(), own('escrow', { state: 'works' }), own('escrow', { state: 'unseen' }))).toEqual([]);
  });
});

describe('of a source', () => {
  it('it and the key that it is encrypted under are the matter of its own asset alone', () => {
    const gone: Used = { kind: 'source', source: of('k'), state: 'gone' };
    const disabled: Used = { kind: 'key', encrypts: of('k'), arn: 'a', state: 'disabled' };
    expect(codes(keyAsset(), gone, disabled)).toEqual(['amber source-gone', 'red kms-key-endangered']);
    expect(codes(keyAsset({ id: 'other', source: { secret: 'other' } }), gone, disabled)).toEqual([]);
    expect(codes(keyAsset({ source: { parameter: 'k' } }), gone, disabled)).toEqual([]);
    expect(codes(keyAsset({ source: { parameter: '/k' } }), { kind: 'source', source: of('/k', 'parameter'), state: 'gone' })).toEqual([
      'amber source-gone',
    ]);
  });
});

it('of a login it is the matter of the databases that backups or restores log in to with it', () => {
  const gone: Used = { kind: 'source', source: of('k'), holds: 'login', state: 'gone' };
  const disabled: Used = { kind: 'key', encrypts: of('k'), arn: 'a', state: 'disabled' };
  const both = ['amber source-gone', 'red kms-key-endangered'];
  const source = (secret: string) => ({ secret, postgresMajor: 16 });
  expect(codes(database({ source: source('k') }), gone, disabled)).toEqual(both);
  expect(codes(database({ source: source('other'), restore: { secret: 'k' } }), gone, disabled)).toEqual(both);
  expect(codes(database({ source: source('other') }), gone, disabled)).toEqual([]);
  expect(codes(keyAsset({ source: { parameter: 'k' } }), gone, disabled)).toEqual([]);
});

it('the colour of the assets is decided from it', () => {
  const plan = { assets: [database(), keyAsset()], gaps: [] };
  const records = { points: {}, drills: {}, keys: {}, keyWatches: { vault: record(own('vault'), own('escrow')) } };
  const { assets } = decideColour(plan, records, NOW);
  const codesOf = (id: string) => assets[id]?.reasons.map(({ code }) => code);
  expect(codesOf('key')).toEqual(['kms-key-endangered', 'never-read-back', 'never-proven']);
  // What was encrypted with a key that is about to go is no better than the key.
  expect(codesOf('db')).toEqual(['key-not-recoverable', 'kms-key-endangered', 'never-verified', 'never-restored']);
});
