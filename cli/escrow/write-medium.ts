import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { OfflineFile } from '../../adapters/escrow/offline/read-offline.ts';
import { OfflineFileUnopened } from '../../core/escrow/offline/errors.ts';
import {
  mediumFile,
  MEDIUM_LIST,
  MEDIUM_PAGE,
  MEDIUM_SHEET,
  MEDIUM_SUMS,
  renderMediumSheet,
  sumsText,
  type MediumList,
} from '../../core/escrow/offline/medium.ts';
import { openTarget } from '../export/target-directory.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const PAGE = new URL('../../docs/custodians.md', import.meta.url);
/** The sheet, the list, the page and the sums. */
const PAPERS_BYTES = 1 << 20;

/** A stick is pulled as soon as the command line says that it is written. */
async function bringToDisk(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Fills the directory and reads it back from there; when that fails nothing of it is left. */
export async function writeMedium(
  directory: string,
  about: Pick<MediumList, 'system' | 'exportedAt' | 'from'>,
  found: readonly OfflineFile[],
  signal: AbortSignal,
): Promise<MediumList> {
  const list: MediumList = {
    format: 'holdfast/offline-medium/v1',
    ...about,
    files: found.map(({ fact, isCurrent }) => mediumFile(fact, isCurrent)),
  };
  const papers = {
    [MEDIUM_LIST]: `${JSON.stringify(list, null, 2)}\n`,
    [MEDIUM_SHEET]: renderMediumSheet(list),
    [MEDIUM_PAGE]: readFileSync(PAGE, 'utf8'),
  };
  const contents = [
    ...list.files.map(({ file }, index) => ({ file, bytes: found[index]?.bytes ?? new Uint8Array() })),
    ...Object.entries(papers).map(([file, text]) => ({ file, bytes: Buffer.from(text) })),
  ];
  const sums = contents.map(({ file, bytes }) => ({ file, sha256: sha256(bytes) }));
  const needed = contents.reduce((bytes, { bytes: { length } }) => bytes + length, PAPERS_BYTES);
  const target = await openTarget(directory, needed, signal);
  try {
    for (const { file, bytes } of [...contents, { file: MEDIUM_SUMS, bytes: Buffer.from(sumsText(sums)) }]) await target.write(file, bytes);
    for (const path of [...target.files().map((file) => join(directory, file)), directory]) await bringToDisk(path);
    for (const { file, sha256: expected } of sums)
      if (sha256(readFileSync(join(directory, file))) !== expected)
        throw new OfflineFileUnopened('damaged', `${file} is not on the medium as it was written`);
  } catch (error) {
    await target.remove();
    throw error;
  }
  return list;
}
