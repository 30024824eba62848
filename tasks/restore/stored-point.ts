import type { ObjectReader } from '../../core/ports/object-store.ts';
import type { Manifest } from '../../core/vault/manifest.ts';

/** `manifest.objects` are those of the bucket that `reader` reads: in the replica they have other versions. */
export type StoredPoint = { reader: ObjectReader; manifest: Manifest };

export type Moved = (bytes: number) => void;

export async function* watched(chunks: AsyncIterable<Uint8Array>, signal: AbortSignal, moved: Moved): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    signal.throwIfAborted();
    moved(chunk.length);
    yield chunk;
  }
}
