/** Offline files against stock age, both ways, and what becomes of a wrong key or a damaged file. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openOffline, sealOffline } from '../../../adapters/escrow/offline/age-file.ts';
import { identityFile, recipientOf } from '../../../core/escrow/offline/identity.ts';
import { recipientKind } from '../../../core/escrow/offline/recipients.ts';
import { hasProgram } from '../../helpers/program.ts';
import { seededRandom } from '../../helpers/seeded-random.ts';

let place: string;
const secret = Uint8Array.from(randomBytes(32));
const recipient = recipientOf(secret);
const other = Uint8Array.from(randomBytes(32));
beforeAll(() => (place = mkdtempSync(join(tmpdir(), 'age-'))));
afterAll(() => rmSync(place, { recursive: true, force: true }));

const inPlace = (name: string, content: string | Uint8Array) => {
  writeFileSync(join(place, name), content);
  return join(place, name);
};

describe.skipIf(!hasProgram('age'))('a file of age', () => {
  it.each([
    ['of one byte', 1],
    ['of 64 KiB', 65_536],
    ['of one byte more than a chunk', 65_537],
  ])('%s, binary, goes both ways', async (_, length) => {
    const value = randomBytes(length);
    const identity = inPlace('identity.txt', identityFile(secret, '0123456789abcdef'));
    const ours = inPlace('ours.age', await sealOffline(value, [recipientOf(other), recipient]));
    expect(execFileSync('age', ['-d', '-i', identity, ours]).equals(value)).toBe(true);
    const theirs = execFileSync('age', ['-r', recipient], { input: value });
    expect(Buffer.from(await openOffline(theirs, secret, 'the file')).equals(value)).toBe(true);
  });

  it('is refused to another identity, and says so', async () => {
    const file = await sealOffline(Buffer.from('value'), [recipient]);
    await expect(openOffline(file, other, 'k.age')).rejects.toMatchObject({ failure: 'KeyNotRecoverable', reason: 'other-identity' });
    await expect(openOffline(file, other, 'k.age')).rejects.toThrow('k.age was not made for');
  });

  it('that is cut or has any byte altered gives nothing, and is named', async () => {
    const value = randomBytes(48);
    const file = await sealOffline(value, [recipient]);
    const random = seededRandom('age sweep');
    const offsets = process.env['HOLDFAST_SOAK'] === '1' ? [...file.keys()] : Array.from({ length: 60 }, () => random.below(file.length));
    for (const offset of offsets) {
      const altered = Uint8Array.from(file);
      altered[offset] = altered[offset]! ^ (1 << random.below(8));
      // Whose identity it asks for stands in its head, unprotected until the head is opened.
      await expect(openOffline(altered, secret, 'k.age')).rejects.toMatchObject({ failure: 'KeyNotRecoverable' });
      await expect(openOffline(file.subarray(0, offset), secret, 'k.age')).rejects.toMatchObject({ reason: 'damaged' });
    }
  });
});

describe.skipIf(!hasProgram('age'))('a recipient', () => {
  it('that is an X25519 key or a plugin’s is known as such', () => {
    expect(recipientKind(recipient)).toEqual({ kind: 'x25519' });
    expect(
      recipientKind(
        execFileSync('age-keygen', ['-y'], { input: identityFile(secret, 'x') })
          .toString()
          .trim(),
      ),
    ).toEqual({ kind: 'x25519' });
    expect(recipientKind('age1yubikey1qwt50d05nh5vutpdzmlg5wn80xq5negm4uj9ghv0snvdd3yysf5yw3rhl3t')).toEqual({
      kind: 'plugin',
      plugin: 'yubikey',
    });
  });

  it.each([
    ['mistyped', recipient.slice(0, -1) + (recipient.endsWith('q') ? 'p' : 'q'), 'checksum'],
    ['cut', recipient.slice(0, -2), 'checksum'],
    ['an identity', identityFile(secret, 'x').split('\n')[2]!, 'identity'],
    ['in capitals', recipient.toUpperCase(), 'small letters'],
    ['a bitcoin address', 'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4', 'age1'],
  ])('that is %s is refused', (_, text, why) => {
    expect(recipientKind(text)).toMatchObject({ kind: 'wrong' });
    expect(JSON.stringify(recipientKind(text))).toContain(why);
  });
});
