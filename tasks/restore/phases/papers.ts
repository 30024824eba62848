import { readRecord } from '../../../adapters/vault/read-records.ts';
import { parseJson } from '../../../core/parse-json.ts';
import { ObjectExists } from '../../../core/ports/object-errors.ts';
import type { ObjectReader, ObjectWriter } from '../../../core/ports/object-store.ts';
import { PreparedPaper, RestoredPaper, type TaskPaper } from '../../../core/restore/result.ts';
import { restorePaperKey } from '../../../core/vault/keys.ts';
import type { Papers } from './run-phase.ts';

/** The working papers of one run, in the vault. What is to be known of a database is said as well. */
export function openPapers(
  { system, asset, run }: { system: string; asset: string; run: string },
  { reader, writer }: { reader: ObjectReader; writer: Pick<ObjectWriter, 'putOnce'> },
  say: (message: string) => void,
): Papers {
  const read = async (paper: TaskPaper) => {
    const record = await readRecord(reader, restorePaperKey(system, asset, run, paper));
    return record && parseJson(record.body);
  };
  return {
    async write(paper, content) {
      await writer.putOnce(restorePaperKey(system, asset, run, paper), JSON.stringify(content)).catch((error: unknown) => {
        // A try of the same run was killed right after it had written this: what it wrote stands.
        if (!(error instanceof ObjectExists)) throw error;
      });
      if ('notes' in content) for (const note of content.notes) say(note);
    },
    restored: async () => RestoredPaper.safeParse(await read('restored')).data,
    prepared: async () => PreparedPaper.safeParse(await read('prepared')).data,
  };
}
