import { describe, expect, test } from 'vitest';
import { unknownValue, type KeyVersionState } from '../../../core/escrow/key-state.ts';
import type { Colour, ReasonCode } from '../../../core/status/colour.ts';
import { assetsThatProve, decideKeyColour, type KeyState } from '../../../core/status/decide-key.ts';
import { database, daysAgo, hoursAgo, keyAsset, keyState, NOW, proof, readBacks } from './states.ts';

const [inVault, inReplica] = readBacks(hoursAgo(10)) as [ReturnType<typeof readBacks>[0], ReturnType<typeof readBacks>[0]];

const runAt = (hours: number) => `${hoursAgo(hours).slice(0, 19).replaceAll(/[-:]/g, '')}Z-abcdef`;
const valueIn = (place: 'vault' | 'replica', over: Partial<KeyVersionState>) => {
  const state = { ...unknownValue('cd'.repeat(32)), hasEnvelope: true, readBackRun: runAt(12), ...over };
  return { versions: [{ place, state }] };
};

/** An earlier value at home, and what the second region has of it beside the value in use. */
const inOneRegion = (atHome: Partial<KeyVersionState> = {}, there?: Partial<KeyVersionState>) => {
  const [earlier, inUse] = ['cd'.repeat(32), keyState().summary.current ?? ''];
  const known = { hasEnvelope: true, readBackRun: runAt(12) };
  return {
    versions: [
      { place: 'vault' as const, state: { ...unknownValue(earlier), ...known, ...atHome } },
      { place: 'replica' as const, state: { ...unknownValue(inUse), ...known } },
      ...(there ? [{ place: 'replica' as const, state: { ...unknownValue(earlier), ...there } }] : []),
    ],
  };
};

describe('the colour of a key', () => {
  test.each<[string, KeyState, Colour, ReasonCode[]]>([
    ['read back in both regions and proven', keyState(), 'green', ['fresh-and-proven']],
    ['nothing at all', keyState({ current: undefined, readBacks: [], proofs: [] }), 'no data', ['never-read-back', 'never-proven']],
    ['read back, never proven', keyState({ proofs: [] }), 'no data', ['never-proven']],
    ['read back, and no drill would ever prove it', keyState({ proofs: [] }, { provenBy: [] }), 'no data', ['never-proven']],
    ['only in the vault’s region', keyState({ readBacks: [inVault] }), 'red', ['read-back-missing']],
    ['only in the replica’s region', keyState({ readBacks: [inReplica] }), 'red', ['read-back-missing']],
    [
      'the vault’s region not seen, and read back in the other',
      keyState({ readBacks: [inReplica], seen: ['replica'] }),
      'no data',
      ['escrow-not-seen'],
    ],
    [
      'the vault’s region not seen, and no longer read back in the other',
      keyState({ readBacks: [{ ...inReplica, at: hoursAgo(25.1) }], seen: ['replica'] }),
      'red',
      ['read-back-too-old', 'escrow-not-seen'],
    ],
    ['neither region seen', keyState({ current: undefined, readBacks: [], seen: [] }), 'no data', ['escrow-not-seen', 'escrow-not-seen']],
    ['only an older value', keyState({ current: 'bb' }), 'red', ['read-back-missing', 'read-back-missing']],
    ['no telling which value is current', keyState({ current: undefined }), 'red', ['read-back-missing', 'read-back-missing']],
    ['at the limit', keyState({ readBacks: readBacks(hoursAgo(25)) }), 'green', ['fresh-and-proven']],
    [
      'past the limit in one region',
      keyState({ readBacks: [inVault, { ...inReplica, at: hoursAgo(25.1) }] }),
      'red',
      ['read-back-too-old'],
    ],
    [
      'an old read-back beside a fresh one',
      keyState({ readBacks: [...readBacks(daysAgo(9)), ...readBacks(hoursAgo(1))] }),
      'green',
      ['fresh-and-proven'],
    ],
    ['a read-back dated ahead', keyState({ readBacks: readBacks(daysAgo(-2)) }), 'no data', ['never-read-back']],
    [
      'the last canary failed',
      keyState({ proofs: [proof(), proof({ at: daysAgo(1), outcome: 'failed', reason: 'not authenticated' })] }),
      'red',
      ['canary-failed'],
    ],
    [
      'the key was got back, and the rows are of another value of it',
      keyState({ proofs: [proof({ outcome: 'failed', isOfOtherValue: true })] }),
      'red',
      ['value-not-opened', 'never-proven'],
    ],
    ['the only canary failed', keyState({ proofs: [proof({ outcome: 'failed' })] }), 'red', ['canary-failed', 'never-proven']],
    ['failed and passed in one instant', keyState({ proofs: [proof({ outcome: 'failed' }), proof()] }), 'red', ['canary-failed']],
    ['failed, then passed', keyState({ proofs: [proof({ at: daysAgo(9), outcome: 'failed' }), proof()] }), 'green', ['fresh-and-proven']],
    ['proven too long ago', keyState({ proofs: [proof({ at: daysAgo(91) })] }), 'red', ['canary-too-old']],
    [
      'a declared gap',
      keyState({}, { asset: keyAsset({ gaps: [{ what: 'no offline kit yet', reason: 'it is not there yet' }] }) }),
      'amber',
      ['declared-gap'],
    ],
    [
      'a value that cannot be opened in one region',
      keyState(valueIn('replica', { lostRun: runAt(1), readBackRun: runAt(30) })),
      'red',
      ['value-lost'],
    ],
    [
      'a value that was opened since',
      keyState(valueIn('replica', { lostRun: runAt(30), readBackRun: runAt(1) })),
      'green',
      ['fresh-and-proven'],
    ],
    ['a rotation that went around the guard', keyState(valueIn('vault', { unguardedRun: runAt(24) })), 'amber', ['rotation-unguarded']],
    [
      'another field of its secret that changed twice in the run that first saw the value',
      keyState(valueIn('vault', { unguardedRun: runAt(24), currentRun: runAt(24) })),
      'green',
      ['fresh-and-proven'],
    ],
    [
      'a rotation that went around it eight days ago',
      keyState(valueIn('vault', { unguardedRun: runAt(192) })),
      'green',
      ['fresh-and-proven'],
    ],
    ['an earlier value that the second region lacks', keyState(inOneRegion()), 'amber', ['value-in-one-region']],
    ['one that nobody has opened yet', keyState(inOneRegion({ readBackRun: undefined })), 'green', ['fresh-and-proven']],
    ['one that the second region could not open either', keyState(inOneRegion({}, { lostRun: runAt(1) })), 'red', ['value-lost']],
    [
      'one that only facts stand of in the second region',
      keyState(inOneRegion({}, { secretVersions: ['v1'] })),
      'amber',
      ['value-in-one-region'],
    ],
    ['one that both regions have', keyState(inOneRegion({}, { hasEnvelope: true, readBackRun: runAt(12) })), 'green', ['fresh-and-proven']],
    [
      'a second region that nobody could look at',
      keyState({ versions: inOneRegion().versions.slice(0, 1) }),
      'green',
      ['fresh-and-proven'],
    ],
    ['review overdue', keyState({}, { reviewDue: { at: daysAgo(1), why: 'a release' } }), 'amber', ['review-overdue']],
  ])('%s', (_, state, colour, expected) => {
    const status = decideKeyColour(state, NOW);
    expect([status.colour, status.reasons.map((reason) => reason.code)]).toEqual([colour, expected]);
  });

  test('is proven by the databases whose drills open a value with it', () => {
    const other = database({ id: 'other', drill: { ...database().drill, canaries: [] } });
    expect(assetsThatProve({ assets: [database(), other, keyAsset()] }, 'key').map((asset) => asset.id)).toEqual(['db']);
  });

  test('of several drills the most frequent one sets the limit', () => {
    const often = database({ id: 'often', drill: { ...database().drill, period: 'P30D' } });
    const state = keyState({ proofs: [proof({ at: daysAgo(40) })] }, { provenBy: [database(), often] });
    expect(decideKeyColour(state, NOW).colour).toBe('red');
  });
});
