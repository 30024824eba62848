import { expect, test } from 'vitest';
import { AccessRefused } from '../../../core/ports/object-errors.ts';
import { isKeptForEver, LocksNotRenewed, renewedLock } from '../../../core/escrow/renewal.ts';

const NOW = new Date('2026-11-21T02:00:00Z');
const inDays = (days: number, milliseconds = 0) => new Date(NOW.getTime() + days * 86_400_000 + milliseconds);

test.each<[string, Date | undefined, Date | undefined]>([
  ['400 days are left', inDays(400), undefined],
  ['a moment less than 400 days is left', inDays(400, -1), inDays(731)],
  ['the lock is new', inDays(731), undefined],
  ['the lock has ended', inDays(-1), inDays(731)],
  ['there is none', undefined, inDays(731)],
])('a lock where %s', (_, lockedUntil, expected) => {
  expect(renewedLock(lockedUntil, NOW)).toEqual(expected);
});

test.each([
  ['envelope', true],
  ['envelope-0123456789abcdef', true],
  ['offline-0123456789abcdef.age', true],
  ['version-1.json', true],
  ['unguarded-20261121T020000Z-abcdef.json', true],
  ['readback-20261121T020000Z-abcdef.json', false],
  ['current-20261121T020000Z-abcdef.json', false],
])('%s', (file, isKept) => {
  expect(isKeptForEver(`ida/wallet/${'ab'.repeat(32)}/${file}`)).toBe(isKept);
});

test('what could not be made longer is counted by region, with the first names, and what nobody came to', () => {
  const refused = new AccessRefused('lock a', 'AccessDenied');
  const error = new LocksNotRenewed([
    { bucket: 'escrow-eu-central-1', objects: 40, failed: ['a', 'b', 'c', 'd'], untried: 16, why: refused },
    { bucket: 'escrow-eu-west-1', objects: 0, failed: [], untried: 0, why: new Error('a row of a table') },
  ]);
  expect(error.message).toBe(
    '4 of 40 locks could not be made longer in escrow-eu-central-1 (a, b, c and 1 more), 16 were not tried any more: lock a was refused: AccessDenied; No lock was made longer in escrow-eu-west-1: an unknown error',
  );
  expect(error).toMatchObject({ failure: 'VaultRefused', cause: refused });
});
