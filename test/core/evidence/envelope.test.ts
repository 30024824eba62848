import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { prepareEnvelope, sealEnvelope, verifyEnvelope, type Envelope } from '../../../core/evidence/envelope.ts';
import { buildStatement, PAYLOAD_TYPE } from '../../../core/evidence/statement.ts';

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
const KEY = 'catalog/ida/main/20261120T020000Z/manifest.json';
const OBJECT = Buffer.from('{"format":"holdfast/manifest/v1"}');

/** Pre-authentication encoding, written from the specification, so that the library is held to it. */
const pae = (type: string, payload: Buffer) =>
  Buffer.concat([Buffer.from(`DSSEv1 ${Buffer.byteLength(type)} ${type} ${payload.length} `), payload]);

function signed(key = KEY, object: Uint8Array = OBJECT): Envelope {
  const { payload } = prepareEnvelope(buildStatement('ida', key, object, new Date('2026-11-20T03:00:00Z')));
  return sealEnvelope(payload, 'key-1', sign('sha256', pae(PAYLOAD_TYPE, Buffer.from(payload)), privateKey));
}

describe('a DSSE envelope', () => {
  it('asks for the digest of the encoding that the specification names', () => {
    const { payload, sha256 } = prepareEnvelope(buildStatement('ida', KEY, OBJECT, new Date()));
    expect(Buffer.from(sha256)).toEqual(
      createHash('sha256')
        .update(pae(PAYLOAD_TYPE, Buffer.from(payload)))
        .digest(),
    );
  });

  it('holds for its object, and for no other key, bytes or signer', () => {
    expect(verifyEnvelope(signed(), pem, KEY, OBJECT)).toMatchObject({ isValid: true });
    expect(verifyEnvelope(signed(), pem, KEY.replace('02', '03'), OBJECT)).toMatchObject({ isValid: false });
    expect(verifyEnvelope(signed(), pem, KEY, Buffer.from('{}'))).toMatchObject({ isValid: false });
    const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'pem' }).toString();
    expect(verifyEnvelope(signed(), stranger, KEY, OBJECT)).toMatchObject({
      isValid: false,
      reason: expect.stringContaining('by this key') as string,
    });
  });

  it('does not hold once any bit of payload or signature was flipped', () => {
    const envelope = signed();
    const flip = (base64: string, bit: number) => {
      const bytes = Buffer.from(base64, 'base64');
      const at = bit % (bytes.length * 8);
      bytes[at >> 3]! ^= 1 << (at & 7);
      return bytes.toString('base64');
    };
    fc.assert(
      fc.property(fc.nat(), fc.boolean(), (bit, isPayload) => {
        const [signature] = envelope.signatures;
        const changed = isPayload
          ? { ...envelope, payload: flip(envelope.payload, bit) }
          : { ...envelope, signatures: [{ keyid: 'key-1', sig: flip(signature?.sig ?? '', bit) }] };
        return !verifyEnvelope(changed, pem, KEY, OBJECT).isValid;
      }),
    );
  });

  it.each([
    undefined,
    null,
    'text',
    {},
    { ...signed(), signatures: [] },
    { ...signed(), payloadType: 'text/plain' },
    { ...signed(), payload: '%%%' },
    { ...signed(), signatures: [{ keyid: 'key-1', sig: '' }] },
  ])('is not anything else: %j', (envelope) => {
    expect(verifyEnvelope(envelope, pem, KEY, OBJECT).isValid).toBe(false);
  });

  it('holds nothing but a statement, even when the key did sign it', () => {
    const payload = Buffer.from('{"_type":"https://in-toto.io/Statement/v1"}');
    const envelope = sealEnvelope(payload, 'key-1', sign('sha256', pae(PAYLOAD_TYPE, payload), privateKey));
    expect(verifyEnvelope(envelope, pem, KEY, OBJECT)).toEqual({
      isValid: false,
      reason: 'what was signed is not a statement of Holdfast',
    });
  });
});
