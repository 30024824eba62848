/** Shares as people type them: whatever is wrong is found and named, and nothing wrong ever becomes an identity. */
import { randomBytes } from 'node:crypto';
import { split } from 'shamir-secret-sharing';
import { beforeAll, describe, expect, it } from 'vitest';
import { combineShares, splitNewIdentity } from '../../../../adapters/escrow/offline/secret-sharing.ts';
import { ShareUnusable, SplitUnsound, type ShareReason } from '../../../../core/escrow/offline/errors.ts';
import { ceremonyOf, inFours, recipientOf } from '../../../../core/escrow/offline/identity.ts';
import { joinShares } from '../../../../core/escrow/offline/join-shares.ts';
import { readRow, readShare, shareQrText, shareRows, type Share } from '../../../../core/escrow/offline/share-text.ts';
import { seededRandom } from '../../../helpers/seeded-random.ts';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
let ceremony: Awaited<ReturnType<typeof splitNewIdentity>>;
let other: typeof ceremony;
let share: Share;
let rows: string[];

beforeAll(async () => {
  ceremony = await splitNewIdentity(5, 3);
  other = await splitNewIdentity(5, 3);
  share = ceremony.shares[1]!;
  rows = shareRows(share);
});

const reasonOf = (act: () => unknown): ShareReason | 'none' => {
  try {
    act();
    return 'none';
  } catch (error) {
    if (!(error instanceof ShareUnusable)) throw error;
    expect(error.advice).toMatch(/\w{3}/);
    for (const row of rows) for (const group of row.split(' ')) expect(error.message).not.toContain(group);
    return error.reason;
  }
};
const withRow = (number: number, row: string) => rows.map((one, index) => (index === number - 1 ? row : one)).join('\n');

describe('a share as text', () => {
  it('is five rows of five groups of four, read in any case and spacing, and with the letters that it does not have', () => {
    expect(rows.every((row) => /^[0-9A-HJKMNP-TV-Z]{4}( [0-9A-HJKMNP-TV-Z]{4}){4}$/.test(row))).toBe(true);
    for (const text of [rows.join('\n'), rows.join(' '), rows.join('').toLowerCase(), shareQrText(share), shareQrText(share).toLowerCase()])
      expect(readShare(text)).toEqual(share);
    expect(readShare(rows.join('\n').replaceAll('0', 'O').replaceAll('1', 'l'))).toEqual(share);
    expect(readShare(rows.map((row) => row.replaceAll(' ', '-')).join('\r\n'))).toEqual(share);
  });

  it('with any one character mistyped is refused, and the row named', () => {
    for (const [index, row] of rows.entries())
      for (const [at, right] of row.split('').entries())
        if (right !== ' ')
          for (const wrong of ALPHABET.replace(right, '')) {
            const typed = row.slice(0, at) + wrong + row.slice(at + 1);
            // Twenty bits of a row look at it first, and forty of all rows after that.
            expect(['mistyped-row', 'mixed-rows']).toContain(reasonOf(() => readShare(withRow(index + 1, typed))));
          }
    expect(() => readShare(withRow(4, `${rows[3]?.slice(0, 20)}${rows[3]?.at(-4) === '0' ? '1' : '0'}000`))).toThrow('Row 4');
  });

  it('with two characters or two groups changed about is refused', () => {
    const random = seededRandom('shares changed about');
    for (let round = 0; round < 300; round += 1) {
      const number = random.below(5);
      const groups = rows[number]!.split(' ');
      const [a, b] = [random.below(5), random.below(5)];
      if (groups[a] === groups[b]) continue;
      [groups[a], groups[b]] = [groups[b]!, groups[a]!];
      expect(reasonOf(() => readShare(withRow(number + 1, groups.join(' '))))).toBe('mistyped-row');
    }
    const row = rows[2]!.replaceAll(' ', '');
    for (let at = 0; at < 19; at += 1)
      if (row[at] !== row[at + 1])
        expect(reasonOf(() => readRow(row.slice(0, at) + row[at + 1] + row[at] + row.slice(at + 2), 3))).toBe('mistyped-row');
  });

  it('that is cut anywhere, or too long, is refused', () => {
    const whole = rows.join('').replaceAll(' ', '');
    for (let length = 0; length < whole.length; length += 1) expect(reasonOf(() => readShare(whole.slice(0, length)))).toBe('too-short');
    expect(reasonOf(() => readShare(`${whole}0`))).toBe('too-long');
    expect(() => readShare(whole.slice(0, 47))).toThrow('Row 3 has 7 of 20 characters');
    expect(() => readShare(withRow(2, rows[1]!.slice(0, -1)))).toThrow('Row 2 has 19 of 20 characters');
  });

  it('with rows in another order, or of two sheets, or with a strange character is refused', () => {
    expect(reasonOf(() => readShare([rows[1], rows[0], ...rows.slice(2)].join('\n')))).toBe('mistyped-row');
    expect(reasonOf(() => readShare(withRow(3, shareRows(ceremony.shares[2]!)[2]!)))).toBe('mixed-rows');
    expect(reasonOf(() => readShare(withRow(5, rows[4]!.replace(/.$/, 'U'))))).toBe('wrong-character');
    expect(() => readShare(withRow(5, rows[4]!.replace(/^./, '!')))).toThrow('Row 5, group 1');
  });

  it('of random bytes never reads as another one', () => {
    for (let round = 0; round < 200; round += 1) {
      const made: Share = {
        threshold: 2,
        number: 1,
        shares: 3,
        ceremony: randomBytes(8).toString('hex'),
        bytes: Uint8Array.from(randomBytes(33)),
      };
      expect(readShare(shareRows(made).join('\n'))).toEqual(made);
    }
  });
});

describe('shares together', () => {
  const join = (shares: Share[]) => joinShares(shares, combineShares);

  it('rebuild the identity, whichever three of five they are', async () => {
    const five = [0, 1, 2, 3, 4];
    for (const a of five)
      for (const b of five.slice(a + 1))
        for (const c of five.slice(b + 1)) {
          const { secret, recipient } = await join([c, a, b].map((index) => ceremony.shares[index]!));
          expect(recipient).toBe(ceremony.recipient);
          expect(recipientOf(secret)).toBe(ceremony.recipient);
        }
    expect(ceremonyOf(ceremony.recipient)).toBe(ceremony.ceremony);
  });

  it('that are two of three are not enough', async () => {
    await expect(join(ceremony.shares.slice(0, 2))).rejects.toMatchObject({ reason: 'too-few' });
    await expect(join(ceremony.shares.slice(0, 2))).rejects.toThrow('2 of the 3 shares');
    await expect(join([])).rejects.toMatchObject({ reason: 'too-few' });
  });

  it('of two ceremonies are told by their ceremonies', async () => {
    const mixed = join([...ceremony.shares.slice(0, 2), other.shares[2]!]);
    await expect(mixed).rejects.toMatchObject({ failure: 'ShareUnusable', reason: 'other-ceremony' });
    await expect(mixed).rejects.toThrow(inFours(other.ceremony));
  });

  it('given twice count once', async () => {
    await expect(join([share, ceremony.shares[0]!, share])).rejects.toMatchObject({ reason: 'given-twice' });
  });

  it('one of which was altered with all its checksums rebuild nothing', async () => {
    // X25519 looks neither at the lowest three bits of a secret nor at the highest two: what differs there alone is the same identity.
    for (let at = 1; at < 31; at += 1) {
      const bytes = Uint8Array.from(share.bytes);
      bytes[at] = bytes[at]! ^ 1;
      const forged = readShare(shareRows({ ...share, bytes }).join('\n'));
      await expect(join([ceremony.shares[0]!, forged, ceremony.shares[4]!])).rejects.toMatchObject({ reason: 'not-rebuilt' });
    }
  });

  it('that are one point under two numbers rebuild nothing', async () => {
    const twice = readShare(shareRows({ ...share, number: 4, bytes: ceremony.shares[0]!.bytes }).join('\n'));
    await expect(join([ceremony.shares[0]!, share, twice])).rejects.toMatchObject({ failure: 'ShareUnusable', reason: 'not-rebuilt' });
  });
});

describe('a split', () => {
  it('is joined again before anything is printed: not one share may be wrong', async () => {
    for (const wrong of [0, 2, 4]) {
      let made: Uint8Array[] = [];
      const broken: typeof split = async (...given) => {
        made = await split(...given);
        made[wrong]![9]! ^= 1;
        return made;
      };
      await expect(splitNewIdentity(5, 3, broken)).rejects.toThrow(SplitUnsound);
      expect(made.every((bytes) => bytes.every((byte) => byte === 0))).toBe(true);
    }
  });

  it('of any size gives the identity back', async () => {
    for (const [shares, threshold] of [
      [2, 2],
      [16, 2],
      [16, 16],
    ] as const)
      expect((await splitNewIdentity(shares, threshold)).shares).toHaveLength(shares);
  });
});
