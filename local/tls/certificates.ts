/**
 * A certificate authority of one run and a server certificate for this machine's loopback names. Node makes keys and signatures
 * but no certificates, and neither openssl nor a Python library can be counted on, so the certificates are put together here.
 */
import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { bitString, boolean, context, integer, objectId, octets, sequence, set, utcTime, utf8, type Der } from './der.ts';

export type CertificateAuthority = { certificatePem: string; issue(serverName: string): { certificatePem: string; keyPem: string } };

const OID = {
  commonName: '2.5.4.3',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  basicConstraints: '2.5.29.19',
  keyUsage: '2.5.29.15',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  subjectAltName: '2.5.29.17',
  subjectKeyId: '2.5.29.14',
  authorityKeyId: '2.5.29.35',
} as const;

const VALID_DAYS = 30;
const DAY_MS = 86_400_000;

/** The authority's key lives in this closure only and is gone with the process. */
export function createAuthority(commonName: string, now: Date): CertificateAuthority {
  const keys = newKeyPair();
  const id = keyId(keys.publicKey);
  const authority = certificate({
    subject: commonName,
    issuer: commonName,
    now,
    publicKey: keys.publicKey,
    signingKey: keys.privateKey,
    extensions: [
      extension(OID.basicConstraints, sequence(boolean(true)), true),
      // keyCertSign and cRLSign: bits 5 and 6.
      extension(OID.keyUsage, bitString(Buffer.from([0x06]), 1), true),
      extension(OID.subjectKeyId, octets(id)),
    ],
  });
  return {
    certificatePem: authority,
    issue(serverName) {
      const server = newKeyPair();
      const certificatePem = certificate({
        subject: serverName,
        issuer: commonName,
        now,
        publicKey: server.publicKey,
        signingKey: keys.privateKey,
        extensions: [
          extension(OID.basicConstraints, sequence(), true),
          // digitalSignature: bit 0.
          extension(OID.keyUsage, bitString(Buffer.from([0x80]), 7), true),
          extension(OID.extendedKeyUsage, sequence(objectId(OID.serverAuth))),
          extension(OID.subjectAltName, sequence(dnsName('localhost'), ipAddress([127, 0, 0, 1]), ipAddress(IPV6_LOOPBACK))),
          extension(OID.subjectKeyId, octets(keyId(server.publicKey))),
          // Strict verifiers (Python from 3.13) refuse a certificate that does not name its issuer's key.
          extension(OID.authorityKeyId, sequence(context(0, id, 'primitive'))),
        ],
      });
      return { certificatePem, keyPem: server.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
    },
  };
}

const IPV6_LOOPBACK = [...Array.from({ length: 15 }, () => 0), 1];

const newKeyPair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const spki = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' });
const keyId = (key: KeyObject) => createHash('sha256').update(spki(key)).digest().subarray(0, 20);
const dnsName = (name: string): Der => context(2, Buffer.from(name, 'ascii'), 'primitive');
const ipAddress = (bytes: number[]): Der => context(7, Buffer.from(bytes), 'primitive');
const name = (commonName: string): Der => sequence(set(sequence(objectId(OID.commonName), utf8(commonName))));

function extension(id: string, value: Der, isCritical = false): Der {
  return isCritical ? sequence(objectId(id), boolean(true), octets(value)) : sequence(objectId(id), octets(value));
}

type CertificateFields = { subject: string; issuer: string; now: Date; publicKey: KeyObject; signingKey: KeyObject; extensions: Der[] };

function certificate(fields: CertificateFields): string {
  const algorithm = sequence(objectId(OID.ecdsaWithSha256));
  // The first octet is cleared of its top bits so that the serial is positive and of one length.
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
  const toBeSigned = sequence(
    context(0, integer(Buffer.from([2]))),
    integer(serial),
    algorithm,
    name(fields.issuer),
    sequence(utcTime(new Date(fields.now.getTime() - DAY_MS)), utcTime(new Date(fields.now.getTime() + VALID_DAYS * DAY_MS))),
    name(fields.subject),
    spki(fields.publicKey),
    context(3, sequence(...fields.extensions)),
  );
  const signature = sign('sha256', toBeSigned, fields.signingKey);
  const body = Buffer.from(sequence(toBeSigned, algorithm, bitString(signature))).toString('base64');
  return `-----BEGIN CERTIFICATE-----\n${body.replaceAll(/.{64}(?!$)/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
}
