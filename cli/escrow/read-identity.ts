/** An identity of age that somebody holds whole: in a file, or through a pipe from the device that opens it. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ceremonyOf, recipientOf, secretsOf } from '../../core/escrow/offline/identity.ts';
import { UsageWrong } from '../errors.ts';
import type { Frame } from '../frame.ts';
import type { GatheredIdentity } from './gather-shares.ts';

const FROM_PIPE = '-';

/** The caller overwrites `secret`. Throws UsageWrong. */
export async function readIdentity({ stdin, workingDirectory }: Frame, named: string): Promise<GatheredIdentity> {
  const refuse = (why: string) => new UsageWrong('escrow prove-offline', [`--identity ${named} ${why}`]);
  const bytes = named === FROM_PIPE ? await readAll(stdin) : readIfThere(resolve(workingDirectory, named));
  if (!bytes) throw refuse('cannot be read');
  const [secret, ...others] = secretsOf(bytes.toString('latin1'));
  bytes.fill(0);
  if (!secret)
    throw refuse('holds no identity of age, which is a line that begins with AGE-SECRET-KEY-1; an encrypted one is decrypted into a pipe');
  for (const other of others) other.fill(0);
  if (others.length > 0) {
    secret.fill(0);
    throw refuse(`holds ${others.length + 1} identities: give the one that is to be proven`);
  }
  const recipient = recipientOf(secret);
  return { secret, recipient, ceremony: ceremonyOf(recipient), numbers: [] };
}

async function readAll(stdin: Frame['stdin']): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk as Buffer));
  const whole = Buffer.concat(chunks);
  for (const chunk of chunks) chunk.fill(0);
  return whole;
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}
