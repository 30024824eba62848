/** A value that a restored database must hold, encrypted with an escrowed key, and how the application encrypts it. */
import * as z from 'zod';

const SaltEncoding = z.enum(['utf8', 'hex', 'base64']).default('utf8').describe('How `salt` is written');

const Derivation = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('none').describe('The escrowed key is used as it is') }).describe('The escrowed key is used as it is'),
    z
      .strictObject({
        kind: z.literal('hkdf').describe('HKDF (RFC 5869)'),
        hash: z.enum(['sha256', 'sha384', 'sha512']).default('sha256').describe('The hash of HKDF'),
        salt: z.string().default('').describe('The salt, where it is always the same; a part `salt` of the layout stands in for it'),
        saltEncoding: SaltEncoding,
        info: z.string().default('').describe('The info of HKDF'),
      })
      .describe('HKDF (RFC 5869)'),
    z
      .strictObject({
        kind: z.literal('scrypt').describe('scrypt (RFC 7914)'),
        cost: z.int().min(1024).max(131_072).default(16_384).describe('N, a power of two'),
        blockSize: z.int().min(1).max(16).default(8).describe('The block size, r'),
        parallelization: z.int().min(1).max(16).default(1).describe('The parallelization, p'),
        salt: z.string().default('').describe('The salt, where it is always the same; a part `salt` of the layout stands in for it'),
        saltEncoding: SaltEncoding,
      })
      .describe('scrypt (RFC 7914)'),
  ])
  .describe('How the key that encrypts is made of the escrowed one');

export const CANARY_PARTS = ['prefix', 'salt', 'iv', 'tag', 'ciphertext'] as const;
const PARTS = CANARY_PARTS.join('|');

/** What the fields mean to each other is checked by the plan’s rules: watchers pick fields of this schema. */
export const KeyCanary = z
  .strictObject({
    key: z.string().describe('A key asset of this plan'),
    name: z.string().min(1).max(60).optional().describe('Tells several canaries of one key apart, in evidence and report'),
    sql: z.string().min(1).describe('One SELECT that returns one encrypted value as bytea or text'),
    cipher: z
      .enum(['aes-256-gcm', 'aes-256-cbc-hmac-sha256', 'aes-256-cbc-hmac-sha512'])
      .default('aes-256-gcm')
      .describe('How the value is encrypted and authenticated; of CBC the HMAC is the tag, and it is taken of the ciphertext'),
    layout: z
      .string()
      .regex(new RegExp(`^(${PARTS})(-(${PARTS}))*$`), 'parts joined by hyphens, such as iv-tag-ciphertext')
      .default('iv-tag-ciphertext')
      .describe(
        'The parts of the value in their order, joined by hyphens: `iv`, `tag` and `ciphertext` once each, `prefix` and `salt` where there are such',
      ),
    separator: z
      .string()
      .min(1)
      .max(4)
      .optional()
      .describe('Text between the parts, each of which is then encoded by itself; without it they follow each other as bytes'),
    encoding: z.enum(['bytea', 'hex', 'base64']).default('bytea').describe('How the value, or each of its parts, stands in the column'),
    prefixBytes: z.int().min(1).max(64).default(1).describe('Length of the part `prefix`, such as a version: it is passed over'),
    saltBytes: z.int().min(1).max(64).default(16).describe('Length of the part `salt`'),
    ivBytes: z.int().min(12).max(16).optional().describe('Length of the initialisation vector; 12 for GCM and 16 for CBC when absent'),
    tagBytes: z.int().min(12).max(64).optional().describe('Length of the tag; all of it when absent: 16 of GCM, 32 or 64 of HMAC'),
    keyEncoding: z.enum(['hex', 'base64', 'utf8']).default('hex').describe('How the key stands in the secret'),
    derivation: Derivation.default({ kind: 'none' }),
    macKey: z
      .enum(['second-half', 'first-half', 'same'])
      .default('second-half')
      .describe(
        'Of CBC: which half of 64 bytes the HMAC is keyed with, the other one encrypting; or the same 32 bytes for both. Of two halves the HMAC proves its own, and the padding lets one wrong half for encryption in 233 pass: then several canaries of a key are needed',
      ),
    authenticates: z
      .enum(['iv-ciphertext', 'ciphertext'])
      .default('iv-ciphertext')
      .describe('Of CBC: what the HMAC is taken of, before the associated data'),
    associatedData: z.string().default('').describe('Text that is authenticated besides and does not stand in the value'),
  })
  .describe('A value of the restored database that must open with the escrowed key');
export type KeyCanary = z.infer<typeof KeyCanary>;
