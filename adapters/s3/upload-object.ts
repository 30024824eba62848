/**
 * A streamed multipart upload. Written here, not taken from lib-storage, for two things that it does not do: the service is given
 * the CRC of the whole object to compare when the upload is completed, and an abort returns only after the parts under way have
 * ended and the upload is gone, so that a task told to stop leaves nothing behind.
 */
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  UploadPartCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { BytesDiffer } from '../../core/ports/object-errors.ts';
import type { Crc, UploadOptions } from '../../core/ports/object-store.ts';
import { addToCrc32, combineCrc32, encodeCrc32, fullObjectCrc } from './crc.ts';
import { storeError } from './errors.ts';

/** Parts under way at once; with the one being filled, memory is at most this plus one parts. */
const PARTS_IN_FLIGHT = 3;

export type Uploaded = { versionId: string; sizeBytes: number; crc: Crc };

/** Uploads `chunks` as s3://bucket/key. Throws StoreUnavailable, AccessRefused, BytesDiffer, or what `chunks` threw. */
export async function uploadObject(
  client: S3Client,
  bucket: string,
  key: string,
  chunks: AsyncIterable<Uint8Array>,
  options: UploadOptions,
): Promise<Uploaded> {
  const tried = `write s3://${bucket}/${key}`;
  const parts = options.onPartStored === undefined ? cutIntoParts(chunks, options.partBytes) : chunks;
  const iterator = parts[Symbol.asyncIterator]();
  const first = await iterator.next();
  let upload: MultipartUpload;
  try {
    options.signal?.throwIfAborted();
    // A full part is sent at once: it is hardly the only one, and holds memory that somebody waits for.
    if (first.done === true || first.value.length < options.partBytes) {
      const whole = first.done === true ? new Uint8Array() : first.value;
      if (first.done !== true && (await iterator.next()).done !== true)
        throw new RangeError(`${tried}: a part that is not the last is short`);
      const { uploaded, isFree } = await putWhole(client, bucket, key, whole, options.signal, tried);
      options.onPartStored?.(whole, isFree);
      return uploaded;
    }
    upload = await createUpload(client, bucket, key, tried);
  } catch (error) {
    // Whoever makes the parts may hold a socket or a program.
    await iterator.return?.().catch(() => undefined);
    throw error;
  }
  return uploadParts(client, upload, first.value, iterator, options, tried);
}

type MultipartUpload = { target: { Bucket: string; Key: string; UploadId: string }; keepsWholeCrc: boolean };

const createUpload = (client: S3Client, bucket: string, key: string, tried: string): Promise<MultipartUpload> =>
  sending(tried, async () => {
    const created = await client.send(
      new CreateMultipartUploadCommand({ Bucket: bucket, Key: key, ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' }),
    );
    if (!created.UploadId) throw new Error('the service named no upload');
    // A server that only keeps composites says so here, and would refuse the checksum of the whole.
    return { target: { Bucket: bucket, Key: key, UploadId: created.UploadId }, keepsWholeCrc: created.ChecksumType !== 'COMPOSITE' };
  });

async function uploadParts(
  client: S3Client,
  { target, keepsWholeCrc }: MultipartUpload,
  first: Uint8Array,
  iterator: AsyncIterator<Uint8Array>,
  options: UploadOptions,
  tried: string,
): Promise<Uploaded> {
  const { onPartStored = () => undefined } = options;
  const finished: { PartNumber: number; ETag: string | undefined; ChecksumCRC32: string }[] = [];
  const underWay = new Set<Promise<void>>();
  // Its own, and what follows the signal of the whole dump is taken off again: that one sees thousands of uploads.
  const failure = new AbortController();
  const { signal } = failure;
  const onAbort = () => failure.abort(options.signal?.reason);
  options.signal?.addEventListener('abort', onAbort, { once: true });
  if (options.signal?.aborted) onAbort();
  let crc = 0;
  let sizeBytes = 0;

  const sendPart = async (PartNumber: number, body: Uint8Array, ChecksumCRC32: string) => {
    const answer = await client.send(new UploadPartCommand({ ...target, PartNumber, Body: body, ChecksumCRC32 }), { abortSignal: signal });
    finished.push({ PartNumber, ETag: answer.ETag, ChecksumCRC32 });
    onPartStored(body, isUnread(answer));
  };
  const startPart = async (body: Uint8Array, partNumber: number) => {
    while (underWay.size >= PARTS_IN_FLIGHT && !signal.aborted) await Promise.race(underWay);
    signal.throwIfAborted();
    const crcOfPart = addToCrc32(body);
    crc = combineCrc32(crc, crcOfPart, body.length);
    sizeBytes += body.length;
    const part = sendPart(partNumber, body, encodeCrc32(crcOfPart))
      .catch((error: unknown) => failure.abort(error))
      .finally(() => underWay.delete(part));
    underWay.add(part);
  };

  let isAsked = false;
  // Not waited for once a part has failed: whoever makes the parts may wait for the very memory that these hold.
  const aborted = Promise.withResolvers<never>();
  aborted.promise.catch(() => undefined);
  signal.addEventListener('abort', () => aborted.reject(signal.reason), { once: true });
  const nextPart = async () => {
    isAsked = true;
    const next = await Promise.race([iterator.next(), aborted.promise]);
    isAsked = false;
    return next;
  };

  try {
    let partNumber = 1;
    await startPart(first, partNumber++);
    for (let next = await nextPart(); next.done !== true; next = await nextPart()) await startPart(next.value, partNumber++);
    await Promise.all(underWay);
    signal.throwIfAborted();
    finished.sort((a, b) => a.PartNumber - b.PartNumber);
    const wholeCrc = encodeCrc32(crc);
    const whole = keepsWholeCrc ? ({ ChecksumType: 'FULL_OBJECT', ChecksumCRC32: wholeCrc, MpuObjectSize: sizeBytes } as const) : {};
    const completed = await client.send(new CompleteMultipartUploadCommand({ ...target, MultipartUpload: { Parts: finished }, ...whole }));
    compareCrc(`s3://${target.Bucket}/${target.Key}`, wholeCrc, fullObjectCrc(completed));
    return { versionId: completed.VersionId ?? 'null', sizeBytes, crc: { algorithm: 'CRC32', value: wholeCrc } };
  } catch (error) {
    failure.abort(error);
    const ended = iterator.return?.().catch(() => undefined);
    await Promise.allSettled([...underWay, isAsked ? undefined : ended]);
    const unfinished = await client.send(new AbortMultipartUploadCommand(target)).then(
      () => '',
      (abortError: unknown) =>
        `; the unfinished upload ${target.UploadId} could not be removed either (${String(abortError)}) and is left to the bucket's lifecycle rule`,
    );
    throw describeFailure(error, options.signal, `${tried}${unfinished}`);
  } finally {
    options.signal?.removeEventListener('abort', onAbort);
  }
}

/** What `chunks` threw passes as it is; what the service answered becomes an error of the store. */
function describeFailure(error: unknown, signal: AbortSignal | undefined, tried: string): unknown {
  if (signal?.aborted) return signal.reason;
  const isService = typeof error === 'object' && error !== null && '$metadata' in error;
  return isService ? storeError(error, tried) : error;
}

async function putWhole(
  client: S3Client,
  bucket: string,
  key: string,
  body: Uint8Array,
  signal: AbortSignal | undefined,
  tried: string,
): Promise<{ uploaded: Uploaded; isFree: boolean }> {
  const value = encodeCrc32(addToCrc32(body));
  const command = new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ChecksumCRC32: value });
  const answer = await sending(tried, () => client.send(command, signal ? { abortSignal: signal } : {}));
  const uploaded: Uploaded = { versionId: answer.VersionId ?? 'null', sizeBytes: body.length, crc: { algorithm: 'CRC32', value } };
  return { uploaded, isFree: isUnread(answer) };
}

/** The bytes of a try that was given up may still be on their way out. */
const isUnread = ({ $metadata }: { $metadata: { attempts?: number | undefined } }) => $metadata.attempts === 1;

async function sending<T>(tried: string, send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (error) {
    throw storeError(error, tried);
  }
}

function compareCrc(where: string, sent: string, kept: Crc | undefined): void {
  if (kept?.algorithm === 'CRC32' && kept.value !== sent) throw new BytesDiffer(where, `sent with CRC32 ${sent}, kept with ${kept.value}`);
}

/** Gathers chunks into parts of exactly `partBytes`, the last one shorter: S3 wants at least 5 MiB in all but the last. */
async function* cutIntoParts(chunks: AsyncIterable<Uint8Array>, partBytes: number): AsyncGenerator<Uint8Array> {
  let part = Buffer.allocUnsafe(partBytes);
  let filled = 0;
  for await (const chunk of chunks) {
    let taken = 0;
    while (taken < chunk.length) {
      const count = Math.min(chunk.length - taken, partBytes - filled);
      part.set(chunk.subarray(taken, taken + count), filled);
      filled += count;
      taken += count;
      if (filled === partBytes) {
        yield part;
        part = Buffer.allocUnsafe(partBytes);
        filled = 0;
      }
    }
  }
  if (filled > 0) yield part.subarray(0, filled);
}
