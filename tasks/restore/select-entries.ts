/** What of a point is restored: refused before anything is written where it cannot be had. */
import { createReadStream } from 'node:fs';
import { BadRequest } from '../../core/failure/input-errors.ts';
import { selectEntries, type Selected } from '../../core/archive/select.ts';
import { NotAnArchive, parseToc, type ArchiveToc } from '../../core/archive/toc.ts';
import { isEverything, type RestoreSelection } from '../../core/restore/selection.ts';
import { PointDamaged } from '../../core/vault/point-damage.ts';

/** Throws BadRequest, naming every table that the archive does not have. */
export function selectFrom(toc: ArchiveToc, selection: RestoreSelection): Selected {
  const selected = selectEntries(toc, selection);
  if (selected.problems.length > 0) throw new BadRequest(selected.problems);
  return selected;
}

/** Of a custom archive, in the order of its contents; undefined: all of them. Throws BadRequest, PointDamaged. */
export async function selectFromFile(
  file: string,
  selection: RestoreSelection,
): Promise<{ dumpIds: number[] | undefined; notes: string[] }> {
  if (isEverything(selection)) return { dumpIds: undefined, notes: [] };
  const toc = await readContents(file);
  const { isSelected, notes } = selectFrom(toc, selection);
  return { dumpIds: toc.entries.map(({ dumpId }) => dumpId).filter(isSelected), notes };
}

/** Throws PointDamaged. */
export async function readContents(file: string): Promise<ArchiveToc> {
  let head: Buffer = Buffer.alloc(0);
  let triedBytes = 0;
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: 1024 ** 2 }) as AsyncIterable<Buffer>) {
      head = Buffer.concat([head, chunk]);
      if (head.length < triedBytes * 2) continue;
      triedBytes = head.length;
      const parsed = parseToc(head);
      if (parsed) return parsed.toc;
    }
    const parsed = parseToc(head);
    if (parsed) return parsed.toc;
  } catch (error) {
    if (error instanceof NotAnArchive) throw new PointDamaged('dump', `it is no archive that this release reads`, { cause: error });
    throw error;
  }
  throw new PointDamaged('dump', 'its contents have no end');
}
