import {
  GetObjectCommand,
  HeadObjectCommand,
  paginateListObjectsV2,
  ListObjectVersionsCommand,
  type GetObjectCommandOutput,
  type ListObjectVersionsCommandOutput,
  type ObjectVersion,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { Readable } from 'node:stream';
import { ObjectMissing } from '../../core/ports/object-errors.ts';
import type { ListedVersion, ObjectHead, ObjectReader, ObjectRef } from '../../core/ports/object-store.ts';
import { fullObjectCrc } from './crc.ts';
import { isMissing, storeError } from './errors.ts';

/** How often a stream is taken up again without having moved a byte in between. */
const RESUMES_WITHOUT_PROGRESS = 4;
const RESUME_PAUSE_MILLISECONDS = 200;

const lockMode = (mode: string | undefined) => (mode === 'COMPLIANCE' ? 'compliance' : mode === 'GOVERNANCE' ? 'governance' : undefined);
const where = (bucket: string, ref: ObjectRef) => `s3://${bucket}/${ref.key}${ref.versionId ? ` (version ${ref.versionId})` : ''}`;

/** ObjectReader on an S3 bucket. */
export function s3Reader(client: S3Client, bucket: string): ObjectReader {
  const named = (ref: ObjectRef) => ({ Bucket: bucket, Key: ref.key, VersionId: ref.versionId });

  async function get(ref: ObjectRef) {
    const chunks: Uint8Array[] = [];
    let versionId = ref.versionId;
    try {
      for await (const piece of readFrom(client, bucket, ref, (found) => (versionId = found))) chunks.push(piece);
    } catch (error) {
      if (error instanceof ObjectMissing) return undefined;
      throw error;
    }
    return { body: Buffer.concat(chunks), versionId: versionId ?? 'null' };
  }

  async function head(ref: ObjectRef): Promise<ObjectHead | undefined> {
    try {
      const answer = await client.send(new HeadObjectCommand({ ...named(ref), ChecksumMode: 'ENABLED' }));
      return {
        versionId: answer.VersionId ?? 'null',
        sizeBytes: answer.ContentLength ?? 0,
        crc: fullObjectCrc(answer),
        lockedUntil: answer.ObjectLockRetainUntilDate,
        lockMode: lockMode(answer.ObjectLockMode),
        isHeld: answer.ObjectLockLegalHoldStatus === 'ON',
        ...(answer.ServerSideEncryption ? { encryption: { algorithm: answer.ServerSideEncryption, keyArn: answer.SSEKMSKeyId } } : {}),
      };
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw storeError(error, `read the head of ${where(bucket, ref)}`);
    }
  }

  async function* list(prefix: string) {
    try {
      for await (const page of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix }))
        for (const entry of page.Contents ?? [])
          yield { key: entry.Key ?? '', sizeBytes: entry.Size ?? 0, lastModified: entry.LastModified ?? new Date(0) };
    } catch (error) {
      throw storeError(error, `list s3://${bucket}/${prefix}`);
    }
  }

  async function* listFolders(prefix: string, options?: { evenHidden: boolean }) {
    if (options?.evenHidden) {
      // A service that goes on from a folder may tell it once more.
      let last = '';
      for await (const { folders } of versionPages(client, bucket, prefix, '/'))
        for (const folder of folders) if (folder !== last) yield (last = folder);
      return;
    }
    try {
      for await (const page of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix, Delimiter: '/' }))
        for (const entry of page.CommonPrefixes ?? []) if (entry.Prefix) yield entry.Prefix;
    } catch (error) {
      throw storeError(error, `list the folders of s3://${bucket}/${prefix}`);
    }
  }

  return {
    bucket,
    get,
    read: (ref) => readFrom(client, bucket, ref),
    head,
    list,
    listFolders,
    listVersions: (prefix) => listVersions(client, bucket, prefix),
  };
}

async function* listVersions(client: S3Client, bucket: string, prefix: string): AsyncIterable<ListedVersion> {
  for await (const { versions } of versionPages(client, bucket, prefix)) yield* versions;
}

/** @param delimiter of folders, which are then told in place of what is below them */
async function* versionPages(client: S3Client, bucket: string, prefix: string, delimiter?: string) {
  let next: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } | undefined = {};
  while (next) {
    const page: ListObjectVersionsCommandOutput = await client
      .send(new ListObjectVersionsCommand({ Bucket: bucket, Prefix: prefix, Delimiter: delimiter, ...next }))
      .catch((error: unknown) => {
        throw storeError(error, `list the versions of s3://${bucket}/${prefix}`);
      });
    const named = (v: ObjectVersion) => ({
      key: v.Key ?? '',
      versionId: v.VersionId ?? 'null',
      lastModified: v.LastModified ?? new Date(0),
      isLatest: v.IsLatest ?? false,
    });
    const stored = (page.Versions ?? []).map((v): ListedVersion => ({
      ...named(v),
      sizeBytes: v.Size ?? 0,
      isDeleteMarker: false,
      storageClass: v.StorageClass,
    }));
    const markers = (page.DeleteMarkers ?? []).map((v): ListedVersion => ({ ...named(v), sizeBytes: 0, isDeleteMarker: true }));
    // The service has one order for both, and the client two lists.
    const versions = markers.length === 0 ? stored : [...stored, ...markers].toSorted(byKeyThenNewest);
    yield { versions, folders: (page.CommonPrefixes ?? []).flatMap(({ Prefix }) => Prefix ?? []) };
    next = page.IsTruncated ? { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker } : undefined;
  }
}

/** Stable: what is of one key and one second stays as the service listed it. */
const byKeyThenNewest = (a: ListedVersion, b: ListedVersion) =>
  Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)) ||
  Number(b.isLatest) - Number(a.isLatest) ||
  b.lastModified.getTime() - a.lastModified.getTime();

/**
 * The bytes of one version. A body that was cut is taken up again from the byte after the last one that arrived, on the version of
 * the first answer: a key that is overwritten meanwhile never yields a mixture.
 */
async function* readFrom(
  client: S3Client,
  bucket: string,
  ref: ObjectRef,
  onVersion?: (versionId: string) => void,
): AsyncGenerator<Uint8Array> {
  const tried = `read ${where(bucket, ref)}`;
  let versionId = ref.versionId;
  let offset = 0;
  let totalBytes: number | undefined;
  let idleResumes = 0;
  while (totalBytes === undefined || offset < totalBytes) {
    const before = offset;
    try {
      const range = offset > 0 ? { Range: `bytes=${offset}-` } : {};
      const answer: GetObjectCommandOutput = await client.send(
        new GetObjectCommand({ Bucket: bucket, Key: ref.key, VersionId: versionId, ...range }),
      );
      versionId ??= answer.VersionId;
      totalBytes ??= answer.ContentLength ?? 0;
      if (versionId && onVersion) onVersion(versionId);
      // A server may answer a range with the whole: what was delivered before is then passed over, never delivered twice.
      let toSkip = answer.ContentRange === undefined ? offset : 0;
      for await (const chunk of answer.Body as Readable as AsyncIterable<Uint8Array>) {
        const fresh = chunk.subarray(toSkip);
        toSkip -= chunk.length - fresh.length;
        if (fresh.length === 0) continue;
        offset += fresh.length;
        yield fresh;
      }
      if (offset < totalBytes) throw new Error(`the body ended after ${offset} of ${totalBytes} bytes`);
    } catch (error) {
      const isAnswer =
        typeof error === 'object' &&
        error !== null &&
        '$metadata' in error &&
        (error.$metadata as { httpStatusCode?: number }).httpStatusCode !== undefined;
      idleResumes = offset > before ? 0 : idleResumes + 1;
      // A refusal will not change; the SDK has retried what can.
      if (isAnswer || idleResumes > RESUMES_WITHOUT_PROGRESS) throw storeError(error, tried);
      await new Promise((resolve) => setTimeout(resolve, RESUME_PAUSE_MILLISECONDS * (idleResumes + 1)));
    }
  }
}
