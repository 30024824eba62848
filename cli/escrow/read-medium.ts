import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { OfflineFileUnopened } from '../../core/escrow/offline/errors.ts';
import { MEDIUM_LIST, MEDIUM_SUMS, MediumList, type MediumFile } from '../../core/escrow/offline/medium.ts';
import { parseJson } from '../../core/parse-json.ts';
import { UsageWrong } from '../errors.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** What `escrow export` wrote. Throws UsageWrong, OfflineFileUnopened. */
export function readMediumList(directory: string, named: string): MediumList {
  const refuse = (why: string) => new UsageWrong('escrow prove-offline', [`--medium ${named} ${why}`]);
  const bytes = readIfThere(join(directory, MEDIUM_LIST));
  if (!bytes) throw refuse(`holds no ${MEDIUM_LIST}: name the directory that \`holdfast escrow export\` wrote`);
  const sums = readIfThere(join(directory, MEDIUM_SUMS))?.toString('utf8').split('\n');
  // A list that a bad stick altered would be wrong about files that are good.
  if (sums?.some((line) => line.endsWith(`  ${MEDIUM_LIST}`) && line !== `${sha256(bytes)}  ${MEDIUM_LIST}`))
    throw new OfflineFileUnopened('damaged', `${MEDIUM_LIST} of ${named} is not as it was written`);
  const list = MediumList.safeParse(parseJson(bytes.toString('utf8')));
  if (!list.success) throw refuse(`has a ${MEDIUM_LIST} that \`holdfast escrow export\` did not write`);
  return list.data;
}

/** The bytes of a file, as long as they are those that were exported: undefined for what is missing, cut or altered. */
export function readMediumFile(directory: string, { file, sha256: expected }: Pick<MediumFile, 'file' | 'sha256'>): Uint8Array | undefined {
  const bytes = readIfThere(join(directory, file));
  return bytes && sha256(bytes) === expected ? bytes : undefined;
}

/** What is said of such a file, which is no news of the one in escrow. */
export const notAsExported = (file: string) => `${file} is not as it was exported`;

/** Files whose bytes are not those that were exported. */
export const findDamaged = (directory: string, files: readonly MediumFile[]): MediumFile[] =>
  files.filter((file) => readMediumFile(directory, file) === undefined);

/** A stick that gives an error for a file is as good as one that has it not. */
function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}
