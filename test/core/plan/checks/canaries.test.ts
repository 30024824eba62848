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
      { name: 'd', encoding: 'hex', separator: '-', derivation: { kind: 'scrypt', cost: 65_536, blockSize: 2 } },
      { name: 'e', encoding: 'base64', separator: '-:', derivation: { kind: 'hkdf', info: 'i'.repeat(1024) } },
    ),
  ).toEqual([]);
});

it.each([
  [{ layout: 'iv-ciphertext' }, /canaries\[0\].layout .*does not say where tag stand/],
  [{ layout: 'iv-tag-iv-ciphertext' }, /names iv more than once/],
  [{ separator: ':' }, /bytes are not told apart by text/],
  [{ cipher: 'aes-256-cbc-hmac-sha256', macKey: 'same', ivBytes: 12 }, /CBC has an IV of 16 bytes/],
  [{ tagBytes: 32 }, /tag of aes-256-gcm has 16 bytes at most/],
  [{ layout: 'salt-iv-tag-ciphertext' }, /nothing is derived with it/],
  [{ derivation: { kind: 'scrypt', cost: 3000 } }, /not a power of two/],
  [{ derivation: { kind: 'scrypt', cost: 65_536, blockSize: 1 } }, /not less than 2\^\(16 r\), 65536/],
  [{ derivation: { kind: 'hkdf', info: 'é'.repeat(513) } }, /info of HKDF has more than 1024 bytes/],
  [{ encoding: 'hex', separator: 'a' }, /parts in hex may hold it too/],
])('of %j says what is wrong', (over, problem) => {
  expect(found(over)).toEqual([expect.stringMatching(problem)]);
});

it.each(['-', '_', '+', '/', '=', 'v1'])('the separator %s is one that base64 may write itself', (separator) => {
  expect(found({ encoding: 'base64', separator })).toEqual([expect.stringMatching(/parts in base64 may hold it too/)]);
});

it('wants names where a key has several', () => {
  expect(found({}, {})).toEqual([expect.stringMatching(/has the same name/)]);
  expect(found({}, { name: 'cards' })).toEqual([]);
});

it('wants several where the HMAC says nothing of the half that encrypts', () => {
  const cbc = { cipher: 'aes-256-cbc-hmac-sha256' };
  expect(found(cbc)).toEqual([expect.stringMatching(/^warning .*canaries\[0\].macKey .*one wrong half in 233/)]);
  expect(found(cbc, { ...cbc, name: 'another' }, { ...cbc, name: 'a third' })).toEqual([]);
  // Each key by itself.
  expect(found(cbc, { ...cbc, key: 'other-key' })).toHaveLength(2);
  for (const over of [{ macKey: 'same' }, { derivation: { kind: 'hkdf' } }]) expect(found({ ...cbc, ...over })).toEqual([]);
});
