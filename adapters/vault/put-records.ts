import { ObjectExists } from '../../core/ports/object-errors.ts';
import type { ObjectReader, ObjectWriter } from '../../core/ports/object-store.ts';
import { readRecord } from './read-records.ts';

export type WrittenRecord = { key: string; versionId: string; body: Uint8Array };

/** Writes a record unless its key was written before; the answer is the record that counts, whoever wrote it. */
export async function putSameOnce(vault: ObjectReader & ObjectWriter, key: string, body: string | Uint8Array): Promise<WrittenRecord> {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const earlier = await readRecord(vault, key);
  if (earlier) return { key, ...earlier };
  try {
    return { key, ...(await vault.putOnce(key, bytes)), body: bytes };
  } catch (error) {
    const existing = error instanceof ObjectExists ? await readRecord(vault, key) : undefined;
    if (!existing) throw error;
    return { key, ...existing };
  }
}
