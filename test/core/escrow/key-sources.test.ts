import { describe, expect, test } from 'vitest';
import { readKeySources, selectKeys } from '../../../core/escrow/key-sources.ts';

const sources = { 'wallet-key': { secret: 'ida/wallet', field: 'KEY' }, 'api-key': { secret: 'ida/api' } };

describe('key sources', () => {
  test('come from the environment as JSON', () => {
    expect(readKeySources(JSON.stringify(sources))).toEqual(sources);
  });
  test.each(['', 'nonsense', '[]', '{"a":{}}', '{"a":{"secret":""}}'])('%j is a bad configuration', (json) => {
    expect(() => readKeySources(json)).toThrow(expect.objectContaining({ failure: 'BadConfiguration' }));
  });
});

describe('the input of an execution', () => {
  test.each([
    ['nothing', undefined, ['api-key', 'wallet-key']],
    ['an empty object', {}, ['api-key', 'wallet-key']],
    ['one key', { key: 'wallet-key' }, ['wallet-key']],
  ])('%s selects keys', (_, input, expected) => {
    expect(selectKeys(input, sources)).toEqual(expected);
  });
  test.each([
    ['an unknown key', { key: 'x' }, /no key asset 'x'; possible: api-key, wallet-key/],
    ['a name that every object has', { key: 'toString' }, /no key asset 'toString'/],
    ['another field', { asset: 'wallet-key' }, /not understood.*asset/],
    ['a number', 5, /not understood/],
  ])('%s is answered with what is possible', (_, input, why) => {
    expect(() => selectKeys(input, sources)).toThrow(why);
    expect(() => selectKeys(input, sources)).toThrow(
      expect.objectContaining({ failure: 'BadInput', advice: expect.stringContaining('wallet-key') as string }),
    );
  });
});
