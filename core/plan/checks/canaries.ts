/** How a canary's fields go together: what a drill would only find out with the restored database in its hands. */
import { CANARY_PARTS, type KeyCanary } from '../schema-canary.ts';
import { finding, postgresAssets, repeated, type Rule } from './rule.ts';

export const checkCanaries: Rule = (plan) =>
  postgresAssets(plan).flatMap(({ asset, path }) => {
    const { canaries } = asset.drill;
    const at = (i: number, field: string) => [...path, 'drill', 'canaries', i, field];
    const names = repeated(canaries.map(({ key, name }) => `${key} ${name ?? ''}`));
    return [
      ...names.map(({ index }) =>
        finding(
          plan,
          'error',
          at(index, 'name'),
          `Another canary of the key ${canaries[index]?.key ?? ''} has the same name, and evidence could not tell them apart`,
          'Give each canary of a key a `name`',
        ),
      ),
      ...canaries.flatMap((canary, i) =>
        isHalfProven(canary) && canaries.filter(({ key }) => key === canary.key).length === 1
          ? [
              finding(
                plan,
                'warning',
                at(i, 'macKey'),
                'The HMAC proves its own half of the key; that the half which encrypts is right shows by the padding alone, which one wrong half in 233 passes (0.43 %)',
                'Add canaries of other values that this key opens: three together let one wrong half in twelve million pass',
              ),
            ]
          : [],
      ),
      ...canaries.flatMap((canary, i) =>
        problemsOf(canary).map(([field, problem, fix]) => finding(plan, 'error', at(i, field), problem, fix)),
      ),
    ];
  });

/** Of a key that was derived, both halves are of one value, and what proves one of them proves the other. */
const isHalfProven = ({ cipher, macKey, derivation }: KeyCanary): boolean =>
  cipher !== 'aes-256-gcm' && macKey !== 'same' && derivation.kind === 'none';

type Problem = [field: keyof KeyCanary, problem: string, fix: string];

function problemsOf(canary: KeyCanary): Problem[] {
  const { cipher, layout, separator, encoding, ivBytes, tagBytes, derivation } = canary;
  const parts = layout.split('-');
  const found: Problem[] = [];
  const counts = CANARY_PARTS.map((part) => [part, parts.filter((one) => one === part).length] as const);
  const missing = counts.flatMap(([part, count]) => (count === 0 && part !== 'prefix' && part !== 'salt' ? [part] : []));
  const doubled = counts.flatMap(([part, count]) => (count > 1 ? [part] : []));
  if (missing.length > 0)
    found.push(['layout', `It does not say where ${missing.join(' and ')} stand`, 'Name iv, tag and ciphertext once each']);
  if (doubled.length > 0) found.push(['layout', `It names ${doubled.join(' and ')} more than once`, 'Name each part once']);
  if (separator !== undefined && encoding === 'bytea')
    found.push([
      'separator',
      'Parts that are bytes are not told apart by text',
      'Say with `encoding` how each part is written: hex or base64',
    ]);
  const isCbc = cipher !== 'aes-256-gcm';
  if (isCbc && ivBytes !== undefined && ivBytes !== 16) found.push(['ivBytes', 'CBC has an IV of 16 bytes', 'Write 16, or leave it out']);
  const longest = cipher === 'aes-256-gcm' ? 16 : cipher === 'aes-256-cbc-hmac-sha256' ? 32 : 64;
  if (tagBytes !== undefined && tagBytes > longest)
    found.push(['tagBytes', `The tag of ${cipher} has ${longest} bytes at most`, 'Write that, or leave it out']);
  if (parts.includes('salt') && derivation.kind === 'none')
    found.push([
      'derivation',
      'The layout has a salt, and nothing is derived with it',
      'Say with `derivation` how, or call that part a prefix',
    ]);
  if (separator !== undefined && encoding !== 'bytea' && ALPHABETS[encoding].test(separator))
    found.push([
      'separator',
      `The parts in ${encoding} may hold it too, so that they are not told apart`,
      'Compare with how the application stores the value; parts of fixed lengths need no separator',
    ]);
  return [...found, ...problemsOfDerivation(derivation)];
}

/** Made of what the encoding itself may write: base64 of either alphabet. */
const ALPHABETS = { hex: /^[0-9a-f]+$/i, base64: /^[A-Za-z0-9+/_=-]+$/ };

/** OpenSSL's limit of HKDF's info. */
const MOST_INFO_BYTES = 1024;

function problemsOfDerivation(derivation: KeyCanary['derivation']): Problem[] {
  if (derivation.kind === 'hkdf')
    return Buffer.byteLength(derivation.info) <= MOST_INFO_BYTES
      ? []
      : [['derivation', `The info of HKDF has more than ${MOST_INFO_BYTES} bytes`, 'Write the info of the application']];
  if (derivation.kind === 'none') return [];
  const { cost, blockSize } = derivation;
  if ((cost & (cost - 1)) !== 0)
    return [['derivation', 'The cost of scrypt (N) is not a power of two', 'Write the N of the application, such as 16384']];
  // RFC 7914, section 2.
  return Math.log2(cost) < 16 * blockSize
    ? []
    : [
        [
          'derivation',
          `The cost of scrypt (N) is not less than 2^(16 r), ${2 ** (16 * blockSize)}`,
          'Write the N and r of the application',
        ],
      ];
}
