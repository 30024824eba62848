import { describe, expect, test } from 'vitest';
import { readKeyStates } from '../../../core/escrow/key-state.ts';
import { recipientsId } from '../../../core/escrow/offline/recipients.ts';
import type { Colour, ReasonCode } from '../../../core/status/colour.ts';
import { decideKeyColour } from '../../../core/status/decide-key.ts';
import { keyAsset, keyState, NOW } from './states.ts';

const RECIPIENTS = ['age1zwlyl6h27gzv0lfntr7fcqrjrzqazap8sy5zylkxwneh7llf0dksu37mwt'];
const ID = recipientsId(RECIPIENTS);
const DAY = 86_400_000;
const runOf = (daysBefore: number) =>
  `${new Date(NOW.getTime() - daysBefore * DAY).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z-abc123`;
const FILE = `aa/offline-${ID}.json`;
const OLD = '0123456789abcdef';
const OLD_FILE = `aa/offline-${OLD}.json`;
const again = (daysBefore: number) => `aa/offline-${ID}-${runOf(daysBefore)}.json`;
const proof = (recipients: string, daysBefore: number) => `aa/offline-proof-${recipients}-${runOf(daysBefore)}.json`;
const failure = (recipients: string, daysBefore: number) => `aa/offline-failed-${recipients}-${runOf(daysBefore)}.json`;

/** As they are named now: with the file that was seen. */
const seenOf = (kind: 'proof' | 'failed', file: 'first' | number, daysBefore: number) =>
  `aa/offline-${kind}-${ID}-${file === 'first' ? file : runOf(file)}-${runOf(daysBefore)}.json`;

/** @param files below the key, in both regions, or those of each */
function judge(files: readonly string[] | Record<'vault' | 'replica', readonly string[]>, recipients: string[] | null = RECIPIENTS) {
  const of = (place: 'vault' | 'replica') => ('vault' in files ? files[place] : files);
  const versions = (['vault', 'replica'] as const).flatMap((place) =>
    [
      ...readKeyStates(
        ['aa/envelope', `aa/readback-${runOf(0)}.json`, ...of(place)].map((file) => `ida/key/${file}`),
        'ida',
        'key',
        NOW,
      ).values(),
    ].map((state) => ({ place, state })),
  );
  const { escrow, ...asset } = keyAsset();
  const offline = recipients && { offline: { recipients, proofValid: 'P12M' } };
  return decideKeyColour(keyState({ versions }, { asset: { ...asset, escrow: { ...escrow, ...offline } } }), NOW);
}

describe('the offline copy of a key', () => {
  test.each<[string, Parameters<typeof judge>[0], Colour, ReasonCode[]]>([
    ['with a file in both regions and a proof is green', [FILE, `aa/offline-proof-${runOf(300)}.json`], 'green', ['fresh-and-proven']],
    ['never proven is no data', [FILE], 'no data', ['never-proven-offline']],
    ['with a proof older than the plan allows is amber', [FILE, `aa/offline-proof-${runOf(380)}.json`], 'amber', ['offline-proof-too-old']],
    [
      'whose newest proof failed is red',
      [FILE, `aa/offline-proof-${runOf(30)}.json`, `aa/offline-failed-${runOf(20)}.json`],
      'red',
      ['offline-failed'],
    ],
    [
      'that failed and then passed is green',
      [FILE, `aa/offline-failed-${runOf(30)}.json`, `aa/offline-proof-${runOf(20)}.json`],
      'green',
      ['fresh-and-proven'],
    ],
    [
      'of an earlier value alone is amber',
      [FILE, `bb/offline-${ID}.json`, `bb/offline-proof-${ID}-${runOf(20)}.json`],
      'amber',
      ['offline-unproven'],
    ],
    [
      'without a file of an earlier value for its recipients is amber',
      [FILE, proof(ID, 20), `bb/offline-${OLD}.json`],
      'amber',
      ['offline-missing'],
    ],
    ['proven for recipients of before is no data', [FILE, OLD_FILE, proof(OLD, 20)], 'no data', ['never-proven-offline']],
    [
      'proven by nobody knows whose shares is no data',
      [FILE, OLD_FILE, `aa/offline-proof-${runOf(20)}.json`],
      'no data',
      ['never-proven-offline'],
    ],
    ['that only recipients of before could not open is green', [FILE, proof(ID, 20), failure(OLD, 10)], 'green', ['fresh-and-proven']],
    ['that recipients of before could open, and its own not, is red', [FILE, proof(OLD, 10), failure(ID, 20)], 'red', ['offline-failed']],
    [
      'for other recipients is missing in both regions',
      [OLD_FILE, `aa/offline-proof-${runOf(20)}.json`],
      'no data',
      ['never-proven-offline', 'offline-missing', 'offline-missing'],
    ],
    ['that was made again since witnesses saw it is amber', [FILE, proof(ID, 20), again(10)], 'amber', ['offline-unproven']],
    ['that was made again before witnesses saw it is green', [FILE, proof(ID, 20), again(30)], 'green', ['fresh-and-proven']],
    [
      'that was made again since, as only one region says so far, is amber',
      { vault: [FILE, proof(ID, 20), again(10)], replica: [FILE, proof(ID, 20)] },
      'amber',
      ['offline-unproven'],
    ],
    [
      'that was made again, and proven from an old medium since, is amber',
      [FILE, again(30), seenOf('proof', 'first', 20)],
      'amber',
      ['offline-unproven'],
    ],
    ['that was made again, and proven, is green', [FILE, again(30), seenOf('proof', 30, 20)], 'green', ['fresh-and-proven']],
    [
      'that was proven, and an old medium as well since, is green',
      [FILE, again(30), seenOf('proof', 30, 20), seenOf('proof', 'first', 10)],
      'green',
      ['fresh-and-proven'],
    ],
    [
      'that was proven, and of which an old medium failed since, is green',
      [FILE, again(30), seenOf('proof', 30, 20), seenOf('failed', 'first', 10)],
      'green',
      ['fresh-and-proven'],
    ],
    [
      'that failed, whatever an old medium gave since, is red',
      [FILE, again(30), seenOf('failed', 30, 20), seenOf('proof', 'first', 10)],
      'red',
      ['offline-failed'],
    ],
    ['that was proven before it was made again is amber', [FILE, seenOf('proof', 'first', 20), again(10)], 'amber', ['offline-unproven']],
    ['that was never made again and was proven is green', [FILE, seenOf('proof', 'first', 20)], 'green', ['fresh-and-proven']],
    [
      'that is proven, of a large medium in two portions, is green',
      [FILE, again(30), seenOf('proof', 'first', 20), seenOf('failed', 30, 20)],
      'green',
      ['fresh-and-proven'],
    ],
    [
      'that was made again, as only one region says, and proven from an old medium is amber',
      { vault: [FILE, again(30), seenOf('proof', 'first', 20)], replica: [FILE, seenOf('proof', 'first', 20)] },
      'amber',
      ['offline-unproven'],
    ],
    ['beside which stands one that is dated ahead is green', [FILE, proof(ID, 20), again(-400)], 'green', ['fresh-and-proven']],
    ['whose proof is dated ahead is no data', [FILE, proof(ID, -30)], 'no data', ['never-proven-offline']],
    [
      'of which one of two files gave the value at one time is green',
      [FILE, proof(ID, 20), failure(ID, 20)],
      'green',
      ['fresh-and-proven'],
    ],
    [
      'without the fact that says what it is is missing',
      [`aa/offline-${ID}.age`],
      'no data',
      ['never-proven-offline', 'offline-missing', 'offline-missing'],
    ],
    [
      'in one region alone is missing in the other',
      { vault: [FILE, `aa/offline-proof-${runOf(20)}.json`], replica: [`aa/offline-proof-${runOf(20)}.json`] },
      'amber',
      ['offline-missing'],
    ],
  ])('%s', (_, files, colour, codes) => {
    const status = judge(files);
    expect(status.reasons.map(({ code }) => code)).toEqual(codes);
    expect(status.colour).toBe(colour);
  });

  test('is not asked for by a plan without recipients', () => expect(judge([], null).colour).toBe('green'));
});
