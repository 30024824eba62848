/** Streams bytes into objects of the vault, and says of each what the manifest must know. */
import { createHash } from 'node:crypto';
import type { ObjectWriter } from '../../core/ports/object-store.ts';
import type { StoredObject } from '../../core/vault/manifest.ts';
import { cutStream } from './cut-stream.ts';

export type StoreSettings = { partBytes: number; objectBytes: number; signal: AbortSignal };

/** One object. */
export async function storeStream(
  vault: ObjectWriter,
  role: StoredObject['role'],
  key: string,
  chunks: AsyncIterable<Uint8Array>,
  { partBytes, signal }: Pick<StoreSettings, 'partBytes' | 'signal'>,
): Promise<StoredObject> {
  const sha256 = createHash('sha256');
  const { versionId, sizeBytes, crc } = await vault.upload(key, hashing(chunks, sha256), { partBytes, signal });
  return { role, key, versionId, sizeBytes, sha256: sha256.digest('hex'), crc };
}

/** As many objects as it takes, each of at most `objectBytes`. */
export async function storeInPieces(
  vault: ObjectWriter,
  role: 'dump' | 'rest',
  keyOf: (number: number) => string,
  chunks: AsyncIterable<Uint8Array>,
  settings: StoreSettings,
): Promise<StoredObject[]> {
  const stored: StoredObject[] = [];
  for await (const piece of cutStream(chunks, settings.objectBytes))
    stored.push(await storeStream(vault, role, keyOf(stored.length + 1), piece, settings));
  return stored;
}

async function* hashing(chunks: AsyncIterable<Uint8Array>, sha256: ReturnType<typeof createHash>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    sha256.update(chunk);
    yield chunk;
  }
}
