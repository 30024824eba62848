import { expect, it } from 'vitest';
import { checkCanaries } from '../../../../core/plan/checks/canaries.ts';
import { KeyCanary } from '../../../../core/plan/schema-canary.ts';
import { judged } from '../plan-fixture.ts';

const canary = (over: object = {}) => KeyCanary.parse({ key: 'card-key', sql: 'SELECT 1', ...over });
const found = (...canaries: object[]) => judged(checkCanaries, (_, database) => void (database.drill.canaries = canaries.map(canary)));

it('finds nothing in layouts that can be cut', () => {
  expect(
    found(
      {},
      { name: 'b', cipher: 'aes-256-cbc-hmac-sha512', layout: 'salt-iv-ciphertext-tag', derivation: { kind: 'scrypt' }, ivBytes: 16 },
      { name: 'c', encoding: 'hex', separator: ':', layout: 'prefix-iv-tag-ciphertext' },
    ),
  ).toEqual([]);
});

it.each([
  [{ layout: 'iv-ciphertext' }, /canaries\[0\].layout .*does not say where tag stand/],
  [{ layout: 'iv-tag-iv-ciphertext' }, /names iv more than once/],
  [{ separator: ':' }, /bytes are not told apart by text/],
  [{ cipher: 'aes-256-cbc-hmac-sha256', ivBytes: 12 }, /CBC has an IV of 16 bytes/],
  [{ tagBytes: 32 }, /tag of aes-256-gcm has 16 bytes at most/],
  [{ layout: 'salt-iv-tag-ciphertext' }, /nothing is derived with it/],
  [{ derivation: { kind: 'scrypt', cost: 3000 } }, /not a power of two/],
])('of %j says what is wrong', (over, problem) => {
  expect(found(over)).toEqual([expect.stringMatching(problem)]);
});

it('wants names where a key has several', () => {
  expect(found({}, {})).toEqual([expect.stringMatching(/has the same name/)]);
  expect(found({}, { name: 'cards' })).toEqual([]);
});
