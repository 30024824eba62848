/** Values as applications store them, each made here by the primitives alone, and opened by what the plan says of them. */
import { createCipheriv, createHash, createHmac, hkdfSync, randomBytes, scryptSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { canaryCheckName, CanaryMalformed, isCanaryCheckOf, openCanary } from '../../../core/drill/canary.ts';
import { KeyCanary } from '../../../core/plan/schema-canary.ts';
import { seededRandom } from '../../helpers/seeded-random.ts';

const PLAINTEXT = Buffer.from('wallet share of a person');
type Parts = Record<'prefix' | 'salt' | 'iv' | 'tag' | 'ciphertext', Buffer>;
type Given = Partial<z.input<typeof KeyCanary>>;

const canaryOf = (over: Given): KeyCanary => KeyCanary.parse({ key: 'key', sql: 'SELECT 1', ...over });
const stored = ({ layout, separator, encoding }: KeyCanary, parts: Parts): string | Buffer => {
  const inOrder = layout.split('-').map((part) => [part, parts[part as keyof Parts]] as const);
  if (separator !== undefined)
    return inOrder.map(([part, bytes]) => (part === 'prefix' ? 'v1' : bytes.toString(encoding as 'hex'))).join(separator);
  const whole = Buffer.concat(inOrder.map(([, bytes]) => bytes));
  return encoding === 'bytea' ? whole : whole.toString(encoding);
};
const noParts = () => ({ prefix: Buffer.from([7]), salt: randomBytes(16) });

function gcm(key: Buffer, { aad = '', ivBytes = 12, tagBytes = 16, salt = randomBytes(16) } = {}): Parts {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: tagBytes }).setAAD(Buffer.from(aad));
  const ciphertext = Buffer.concat([cipher.update(PLAINTEXT), cipher.final()]);
  return { ...noParts(), salt, iv, tag: cipher.getAuthTag(), ciphertext };
}
function cbc(
  encrypt: Buffer,
  mac: Buffer,
  { hash = 'sha256', withIv = true, aad = '', tagBytes = 64, salt = randomBytes(16), iv = randomBytes(16) } = {},
): Parts {
  const cipher = createCipheriv('aes-256-cbc', encrypt, iv);
  const ciphertext = Buffer.concat([cipher.update(PLAINTEXT), cipher.final()]);
  const hmac = createHmac(hash, mac);
  if (withIv) hmac.update(iv);
  return { ...noParts(), salt, iv, tag: hmac.update(ciphertext).update(aad).digest().subarray(0, tagBytes), ciphertext };
}

const raw = randomBytes(32);
const wide = randomBytes(64);
const [left, right] = [wide.subarray(0, 32), wide.subarray(32)];
const salt = randomBytes(16);
const hkdf = (key: Buffer, bytes: number, with_: Buffer = salt, info = 'wallets') =>
  Buffer.from(hkdfSync('sha256', key, with_, info, bytes));

const CASES: [name: string, over: Given, key: Buffer, parts: Parts][] = [
  ['GCM in hex', { encoding: 'hex' }, raw, gcm(raw)],
  ['GCM, tag behind, base64', { encoding: 'base64', layout: 'iv-ciphertext-tag' }, raw, gcm(raw)],
  ['GCM, tag first', { layout: 'tag-iv-ciphertext' }, raw, gcm(raw)],
  ['GCM with a tag of 12 bytes', { tagBytes: 12 }, raw, gcm(raw, { tagBytes: 12 })],
  ['GCM with associated data', { associatedData: 'wallet:1' }, raw, gcm(raw, { aad: 'wallet:1' })],
  ['GCM as hex with colons between', { encoding: 'hex', separator: ':', layout: 'iv-tag-ciphertext' }, raw, gcm(raw)],
  [
    'GCM with a version in front, base64 with dots',
    { encoding: 'base64', separator: '.', layout: 'prefix-iv-ciphertext-tag' },
    raw,
    gcm(raw),
  ],
  ['GCM with a version byte', { layout: 'prefix-iv-tag-ciphertext' }, raw, gcm(raw)],
  [
    'GCM by HKDF, salt of the plan',
    { derivation: { kind: 'hkdf', salt: salt.toString('hex'), saltEncoding: 'hex', info: 'wallets' } },
    raw,
    gcm(hkdf(raw, 32)),
  ],
  [
    'GCM by HKDF, salt in the value',
    { layout: 'salt-iv-tag-ciphertext', derivation: { kind: 'hkdf', info: 'wallets' } },
    raw,
    gcm(hkdf(raw, 32), { salt }),
  ],
  [
    'GCM by scrypt, salt in the value',
    { layout: 'salt-iv-ciphertext-tag', derivation: { kind: 'scrypt' } },
    raw,
    gcm(scryptSync(raw, salt, 32), { salt }),
  ],
  [
    'GCM by scrypt with its own parameters',
    { derivation: { kind: 'scrypt', cost: 2048, blockSize: 4, parallelization: 2, salt: 'pepper' } },
    raw,
    gcm(scryptSync(raw, 'pepper', 32, { cost: 2048, blockSize: 4, parallelization: 2 })),
  ],
  [
    'CBC + HMAC-SHA-256, MAC of the second half',
    { cipher: 'aes-256-cbc-hmac-sha256', layout: 'iv-ciphertext-tag' },
    wide,
    cbc(left, right, { tagBytes: 32 }),
  ],
  [
    'CBC + HMAC, MAC of the first half',
    { cipher: 'aes-256-cbc-hmac-sha256', macKey: 'first-half' },
    wide,
    cbc(right, left, { tagBytes: 32 }),
  ],
  ['CBC + HMAC, one key for both', { cipher: 'aes-256-cbc-hmac-sha256', macKey: 'same' }, raw, cbc(raw, raw, { tagBytes: 32 })],
  ['CBC + HMAC-SHA-512', { cipher: 'aes-256-cbc-hmac-sha512' }, wide, cbc(left, right, { hash: 'sha512' })],
  [
    'CBC + HMAC-SHA-512 cut to 32',
    { cipher: 'aes-256-cbc-hmac-sha512', tagBytes: 32 },
    wide,
    cbc(left, right, { hash: 'sha512', tagBytes: 32 }),
  ],
  [
    'CBC + HMAC of the ciphertext alone',
    { cipher: 'aes-256-cbc-hmac-sha256', authenticates: 'ciphertext' },
    wide,
    cbc(left, right, { withIv: false, tagBytes: 32 }),
  ],
  [
    'CBC + HMAC with associated data',
    { cipher: 'aes-256-cbc-hmac-sha256', associatedData: 'a' },
    wide,
    cbc(left, right, { aad: 'a', tagBytes: 32 }),
  ],
  [
    'CBC + HMAC by HKDF, hex with colons',
    {
      cipher: 'aes-256-cbc-hmac-sha256',
      encoding: 'hex',
      separator: ':',
      layout: 'salt-iv-ciphertext-tag',
      derivation: { kind: 'hkdf', info: 'wallets' },
    },
    raw,
    cbc(hkdf(raw, 64).subarray(0, 32), hkdf(raw, 64).subarray(32), { tagBytes: 32, salt }),
  ],
];

describe.each(CASES)('%s', (_, over, key, parts) => {
  const canary = canaryOf(over);
  const written = Buffer.from(key.toString('hex'));
  const value = stored(canary, parts);

  test('opens with its key, and with no other', () => {
    expect(openCanary(canary, written, value)).toBe('authenticated');
    expect(openCanary(canary, Buffer.from(randomBytes(key.length).toString('hex')), value)).toBe('not authenticated');
  });

  test('does not open with any of its bytes changed', () => {
    const random = seededRandom('canary layouts');
    // A prefix is passed over, and is no part of what is authenticated.
    const names = canary.layout.split('-').filter((part) => part !== 'prefix' && !(part === 'salt' && canary.derivation.kind === 'none'));
    for (const part of names as (keyof Parts)[]) {
      const at = random.below(parts[part].length);
      const altered = Buffer.from(parts[part]);
      altered[at] = altered[at]! ^ (1 << random.below(8));
      const isCovered = !(part === 'iv' && canary.cipher !== 'aes-256-gcm' && canary.authenticates === 'ciphertext');
      if (isCovered) expect(openCanary(canary, written, stored(canary, { ...parts, [part]: altered })), part).toBe('not authenticated');
    }
  });
});

test('associated data, info and salt are part of the proof', () => {
  const parts = gcm(hkdf(raw, 32), { aad: 'wallet:1' });
  const stated = {
    derivation: { kind: 'hkdf', salt: salt.toString('base64'), saltEncoding: 'base64', info: 'wallets' },
    associatedData: 'wallet:1',
  } as const;
  const attempt = (over: Given) =>
    openCanary(canaryOf({ ...stated, ...over }), Buffer.from(raw.toString('hex')), stored(canaryOf(stated), parts));
  expect(attempt({})).toBe('authenticated');
  expect(attempt({ associatedData: 'wallet:2' })).toBe('not authenticated');
  expect(attempt({ derivation: { ...stated.derivation, info: 'cards' } })).toBe('not authenticated');
  expect(attempt({ derivation: { ...stated.derivation, salt: '' } })).toBe('not authenticated');
  expect(attempt({ derivation: { ...stated.derivation, hash: 'sha512' } })).toBe('not authenticated');
});

test('of a wrong half for encryption the padding lets one in 233 pass, three values together none, and of a wrong one for the HMAC none ever', () => {
  // The same bytes at every run.
  const fixed = (name: string) => createHash('sha256').update(name).digest();
  const [encrypt, mac] = [fixed('encrypt'), fixed('mac')];
  const canary = canaryOf({ cipher: 'aes-256-cbc-hmac-sha256' });
  const values = [0, 1, 2].map((index) => stored(canary, cbc(encrypt, mac, { tagBytes: 32, iv: fixed(`iv ${index}`).subarray(0, 16) })));
  const opens = (first: Buffer, second: Buffer, value: string | Buffer) =>
    openCanary(canary, Buffer.from(Buffer.concat([first, second]).toString('hex')), value) === 'authenticated';
  let [one, all] = [0, 0];
  const tries = 4000;
  for (let n = 0; n < tries; n += 1) {
    const wrong = fixed(`wrong ${n}`);
    const passed = values.filter((value) => opens(wrong, mac, value)).length;
    one += passed / values.length;
    if (passed === values.length) all += 1;
    if (n < 200) expect(opens(encrypt, wrong, values[0]!)).toBe(false);
  }
  expect(one / tries).toBeGreaterThan(0.002);
  expect(one / tries).toBeLessThan(0.006);
  expect(all).toBe(0);
});

test.each([
  [
    'a key of half the length',
    canaryOf({ cipher: 'aes-256-cbc-hmac-sha256' }),
    raw,
    /has 32 bytes when read as hex, and AES-256 with HMAC needs 64/,
  ],
  ['a value of too few parts', canaryOf({ encoding: 'hex', separator: ':' }), raw, /has 1 parts, and the layout iv-tag-ciphertext has 3/],
  [
    'a tag of another length',
    canaryOf({ encoding: 'hex', separator: ':', tagBytes: 12 }),
    raw,
    /The part tag of the encrypted value has 16 bytes, and the plan says 12/,
  ],
])('%s is said, quoting nothing', (name, canary, key, why) => {
  const value = name.includes('parts') ? 'abcdef' : stored({ ...canary, encoding: canary.separator ? 'hex' : 'bytea' }, gcm(raw));
  const longEnough = typeof value === 'string' ? value : Buffer.concat([value, Buffer.alloc(64)]);
  const attempt = () => openCanary(canary, Buffer.from(key.toString('hex')), longEnough);
  expect(attempt).toThrow(why);
  expect(attempt).toThrow(expect.objectContaining({ message: expect.not.stringContaining(key.toString('hex').slice(0, 8)) as string }));
});

test.each([
  { encoding: 'base64' as const, wrap: (text: string) => text.replaceAll(/.{60}/g, '$&\n') },
  { encoding: 'hex' as const, wrap: (text: string) => ` ${text.replaceAll(/.{60}/g, '$&\r\n')}\n` },
])('$encoding with its lines wrapped opens, and so does a key and a salt of that form', ({ encoding, wrap }) => {
  const parts = gcm(hkdf(raw, 32));
  const derivation = { kind: 'hkdf', salt: wrap(salt.toString(encoding)), saltEncoding: encoding, info: 'wallets' } as const;
  const canary = canaryOf({ encoding, keyEncoding: encoding, derivation, layout: 'iv-ciphertext-tag' });
  const value = wrap(Buffer.concat([parts.iv, parts.ciphertext, parts.tag]).toString(encoding));
  expect(value).toContain('\n');
  expect(openCanary(canary, Buffer.from(`${wrap(raw.toString(encoding))}\n`), value)).toBe('authenticated');
});

test.each([
  ['scrypt', { kind: 'scrypt', cost: 65_536, blockSize: 1 }],
  ['hkdf', { kind: 'hkdf', info: 'i'.repeat(1025) }],
] as const)('parameters that %s does not take are said to be malformed, and not that the drill broke', (kind, derivation) => {
  expect(() => openCanary(canaryOf({ derivation }), Buffer.from(raw.toString('hex')), Buffer.alloc(64))).toThrow(CanaryMalformed);
  expect(() => openCanary(canaryOf({ derivation }), Buffer.from(raw.toString('hex')), Buffer.alloc(64))).toThrow(
    `${kind} does not take its parameters`,
  );
});

test('several canaries of one key are told apart, and belong to it alone', () => {
  expect(canaryCheckName('wallet', 'shares')).toBe('a value opens with wallet: shares');
  for (const name of [canaryCheckName('wallet'), canaryCheckName('wallet', 'shares')]) {
    expect(isCanaryCheckOf(name, 'wallet')).toBe(true);
    expect(isCanaryCheckOf(name, 'wallet-2')).toBe(false);
  }
});
