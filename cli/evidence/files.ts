/** Files that a check is given: public keys, and the answer of an earlier check. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { readPublicKeys, type PublicKey } from '../../core/evidence/public-key.ts';
import type { ChainHead } from '../../core/evidence/verify/verify-vault.ts';
import { parseJson } from '../../core/parse-json.ts';
import { UsageWrong } from '../errors.ts';

const EarlierAnswer = z.object({ heads: z.array(z.object({ asset: z.string(), link: z.int().min(1), sha256: z.string() })) });

/** `called`: the path as it was typed. Throws UsageWrong with everything that is wrong. */
export function readKeyFiles(verb: string, files: readonly { path: string; called: string }[]): PublicKey[] {
  const problems: string[] = [];
  const keys = files.flatMap(({ path, called }) => {
    const text = readText(path);
    const found = text === undefined ? undefined : readPublicKeys(text);
    if (text === undefined) problems.push(`--public-key: ${called} cannot be read`);
    else if (!found) problems.push(`--public-key: ${called} holds no public key for ECDSA over P-256 (PEM, "BEGIN PUBLIC KEY")`);
    return found ?? [];
  });
  if (problems.length > 0) throw new UsageWrong(verb, problems);
  return [...new Map(keys.map((key) => [key.sha256, key])).values()];
}

/** Throws UsageWrong. */
export function readHeads(path: string, called: string): ChainHead[] {
  const text = readText(path);
  const earlier = EarlierAnswer.safeParse(text === undefined ? undefined : parseJson(text));
  if (earlier.success) return earlier.data.heads;
  throw new UsageWrong('evidence verify', [`--earlier: ${called} is not the JSON that \`evidence verify --output json\` wrote`]);
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
