import { createCipheriv, randomBytes } from 'node:crypto';
import { assert, nat, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openCanary } from '../../../core/drill/canary.ts';
import { KeyCanary } from '../../../core/plan/schema-canary.ts';

type Layout = Parameters<typeof openCanary>[0];
const base: Layout = KeyCanary.parse({ key: 'key', sql: 'SELECT 1' });
const KEY = randomBytes(32);
const PLAINTEXT = 'wallet share of a person';

function encrypt({ layout, ivBytes = 12 }: Layout, key: Buffer = KEY, plaintext = PLAINTEXT): Buffer {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  const ciphertext = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()]);
  const tag = cipher.getAuthTag();
  return layout === 'iv-tag-ciphertext' ? Buffer.concat([iv, tag, ciphertext]) : Buffer.concat([iv, ciphertext, tag]);
}
const keyAs = (encoding: Layout['keyEncoding'], key: Buffer) => (encoding === 'utf8' ? key : Buffer.from(key.toString(encoding), 'utf8'));
const valueAs = (encoding: Layout['encoding'], value: Buffer) => (encoding === 'bytea' ? value : value.toString(encoding));

describe('a canary', () => {
  const layouts = (['iv-tag-ciphertext', 'iv-ciphertext-tag'] as const).flatMap((layout) =>
    (['bytea', 'hex', 'base64'] as const).flatMap((encoding) =>
      (['hex', 'base64', 'utf8'] as const).flatMap((keyEncoding) =>
        [12, 16].map((ivBytes) => ({ layout, encoding, keyEncoding, ivBytes })),
      ),
    ),
  );
  test.each(layouts)('opens as $layout, $encoding, key $keyEncoding, IV of $ivBytes', (over) => {
    const layout = { ...base, ...over };
    const value = valueAs(layout.encoding, encrypt(layout));
    expect(openCanary(layout, keyAs(layout.keyEncoding, KEY), value)).toBe('authenticated');
    expect(openCanary(layout, keyAs(layout.keyEncoding, randomBytes(32)), value)).toBe('not authenticated');
  });

  test('opens from bytea as the driver’s hexadecimal text, from text columns read as bytes, and from an empty plaintext', () => {
    expect(openCanary(base, keyAs('hex', KEY), `\\x${encrypt(base).toString('hex')}`)).toBe('authenticated');
    expect(openCanary({ ...base, encoding: 'base64' }, keyAs('hex', KEY), Buffer.from(encrypt(base).toString('base64')))).toBe(
      'authenticated',
    );
    expect(openCanary({ ...base, encoding: 'base64' }, keyAs('hex', KEY), encrypt(base).toString('base64url'))).toBe('authenticated');
    expect(openCanary(base, keyAs('hex', KEY), encrypt(base, KEY, ''))).toBe('authenticated');
  });

  test('opens with a key whose secret ends in a line end', () => {
    expect(openCanary(base, Buffer.from(`${KEY.toString('hex')}\n`), encrypt(base))).toBe('authenticated');
  });

  test('of which any bit was changed does not open', () => {
    const value = encrypt(base);
    assert(
      property(nat({ max: value.length * 8 - 1 }), (bit) => {
        const altered = Uint8Array.from(value);
        altered[bit >> 3] = altered[bit >> 3]! ^ (1 << (bit & 7));
        return openCanary(base, keyAs('hex', KEY), altered) === 'not authenticated';
      }),
    );
  });

  test('does not open in the other layout', () => {
    expect(openCanary({ ...base, layout: 'iv-ciphertext-tag' }, keyAs('hex', KEY), encrypt(base))).toBe('not authenticated');
  });

  test('leaves the caller’s key and value as they were', () => {
    const value = encrypt(base);
    const key = Buffer.from(KEY);
    openCanary({ ...base, keyEncoding: 'utf8' }, key, value);
    expect(key.equals(KEY)).toBe(true);
  });
});

describe('what cannot be tried', () => {
  const hexKey = KEY.toString('hex');
  test.each<[string, Partial<Layout>, string, Uint8Array | string, RegExp]>([
    ['a value that is too short', {}, hexKey, Buffer.alloc(27), /has 27 bytes, and 12 of IV and 16 of tag need 28/],
    ['an empty value', {}, hexKey, '', /is text, and the plan says bytea/],
    ['text where bytea is said', {}, hexKey, 'PLANTED', /is text, and the plan says bytea/],
    ['a value that is no hexadecimal', { encoding: 'hex' }, hexKey, 'PLANTED!', /not hexadecimal/],
    ['a value of odd digits', { encoding: 'hex' }, hexKey, 'abc', /odd number of hexadecimal digits \(3\)/],
    ['a value that is no base64', { encoding: 'base64' }, hexKey, 'PLANTED!', /not base64/],
    ['base64 of no possible length', { encoding: 'base64' }, hexKey, 'PLANT', /length \(5\)/],
    ['a key that is too short', {}, 'abcd', Buffer.alloc(40), /key has 2 bytes when read as hex, and AES-256 needs 32/],
    ['a key in another encoding', { keyEncoding: 'base64' }, hexKey, Buffer.alloc(40), /key has 48 bytes when read as base64/],
    ['a key that is no hexadecimal', {}, 'PLANTED!'.repeat(8), Buffer.alloc(40), /key holds characters that are not hexadecimal/],
  ])('%s is said, quoting nothing', (_, over, key, value, why) => {
    const attempt = () => openCanary({ ...base, ...over }, Buffer.from(key), value);
    expect(attempt).toThrow(why);
    expect(attempt).toThrow(expect.objectContaining({ failure: 'CheckFailed', message: expect.not.stringContaining('PLANT') as string }));
    expect(attempt).toThrow(expect.objectContaining({ message: expect.not.stringContaining(hexKey.slice(0, 8)) as string }));
  });
});
