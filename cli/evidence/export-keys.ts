import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { UsageWrong } from '../errors.ts';
import type { Answer, Context } from '../verb.ts';
import { signingKeys, type SigningKey } from './signing-keys.ts';
import { plural } from '../../core/quantities.ts';

/** A PEM reader passes over what stands outside of the blocks: so each can say whose it is. */
const asPem = ({ region, publicKey }: SigningKey) => `# ${region}, SHA-256 ${publicKey.sha256}\n${publicKey.pem.trim()}`;

export async function exportKeys(context: Context, out: string | undefined): Promise<Answer> {
  const { keys, missing } = await signingKeys(await context.connect(), context.plan());
  for (const { region, why } of missing) context.tell(`No key of ${region}: ${why}`);
  const pem = keys.map(asPem).join('\n');
  const data = { keys: keys.map(({ region, publicKey }) => ({ region, sha256: publicKey.sha256, pem: publicKey.pem })), missing };
  if (out === undefined) return { data, text: () => pem };
  try {
    writeFileSync(resolve(context.frame.workingDirectory, out), `${pem}\n`, { flag: 'wx' });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'it failed';
    throw new UsageWrong('evidence key', [`--out: ${out} ${code === 'EEXIST' ? 'exists already' : `cannot be written (${code})`}`]);
  }
  const lines = keys.map(({ region, publicKey }) => `  ${region}  ${publicKey.sha256}`);
  return {
    data: { ...data, file: out },
    text: () => [`${out} holds ${plural(keys.length, 'public key')}. Compare these, and keep them outside of AWS:`, ...lines].join('\n'),
  };
}
