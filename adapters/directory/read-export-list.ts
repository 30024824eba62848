import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXPORT_LIST_FILE, ExportList } from '../../core/evidence/export-list.ts';
import { parseJson } from '../../core/parse-json.ts';
import { CopyUnreadable } from './errors.ts';

/** Undefined for a folder that is no export of evidence. Throws CopyUnreadable. */
export function readExportList(directory: string): ExportList | undefined {
  const path = join(directory, EXPORT_LIST_FILE);
  if (!existsSync(path)) return undefined;
  const list = ExportList.safeParse(parseJson(readFileSync(path)));
  if (list.success) return list.data;
  throw new CopyUnreadable(directory, `${EXPORT_LIST_FILE} is not the list that \`evidence export\` wrote`, { cause: list.error });
}
