import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MEDIUM_LIST, MediumList, type MediumFile } from '../../core/escrow/offline/medium.ts';
import { parseJson } from '../../core/parse-json.ts';
import { UsageWrong } from '../errors.ts';

/** What `escrow export` wrote. Throws UsageWrong. */
export function readMediumList(directory: string, named: string): MediumList {
  const refuse = (why: string) => new UsageWrong('escrow prove-offline', [`--medium ${named} ${why}`]);
  let text: string;
  try {
    text = readFileSync(join(directory, MEDIUM_LIST), 'utf8');
  } catch {
    throw refuse(`holds no ${MEDIUM_LIST}: name the directory that \`holdfast escrow export\` wrote`);
  }
  const list = MediumList.safeParse(parseJson(text));
  if (!list.success) throw refuse(`has a ${MEDIUM_LIST} that \`holdfast escrow export\` did not write`);
  return list.data;
}

/** The bytes of a file, as long as they are those that were exported: undefined for what is missing, cut or altered. */
export function readMediumFile(directory: string, { file, sha256 }: Pick<MediumFile, 'file' | 'sha256'>): Uint8Array | undefined {
  try {
    const bytes = readFileSync(join(directory, file));
    return createHash('sha256').update(bytes).digest('hex') === sha256 ? bytes : undefined;
  } catch {
    return undefined;
  }
}
