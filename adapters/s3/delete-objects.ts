import {
  AbortMultipartUploadCommand,
  DeleteObjectsCommand,
  ListMultipartUploadsCommand,
  S3ServiceException,
  type ListMultipartUploadsCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { ObjectDeleter, RefusedDeletion, UnfinishedUpload } from '../../core/ports/object-store.ts';
import { storeError } from './errors.ts';

/** What S3 takes in one request. */
const MOST_AT_ONCE = 1000;
/** Errors of one object in an answer that is a success as a whole; any other may go away by itself. */
const REFUSALS = new Set(['AccessDenied', 'InvalidRequest', 'InvalidObjectState', 'ObjectLocked', 'MethodNotAllowed']);

/** ObjectDeleter on an S3 bucket. */
export function s3Deleter(client: S3Client, bucket: string): ObjectDeleter {
  async function deleteVersions(refs: readonly { key: string; versionId: string }[]): Promise<RefusedDeletion[]> {
    const refused: RefusedDeletion[] = [];
    for (let start = 0; start < refs.length; start += MOST_AT_ONCE) {
      const Objects = refs.slice(start, start + MOST_AT_ONCE).map(({ key, versionId }) => ({ Key: key, VersionId: versionId }));
      const tried = `delete ${Objects.length} versions in s3://${bucket}`;
      const answer = await client.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } })).catch((error) => {
        throw storeError(error, tried);
      });
      for (const { Key: key = '', VersionId: versionId = '', Code: code = 'Unknown', Message: message = '' } of answer.Errors ?? []) {
        if (code === 'NoSuchKey' || code === 'NoSuchVersion') continue;
        const why = message === '' ? code : `${code}: ${message}`;
        if (!REFUSALS.has(code)) throw storeError(new Error(why), `delete s3://${bucket}/${key} (version ${versionId})`);
        refused.push({ key, versionId, why });
      }
    }
    return refused;
  }

  async function* listUnfinished(prefix: string): AsyncIterable<UnfinishedUpload> {
    let next: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } | undefined = {};
    while (next) {
      const page: ListMultipartUploadsCommandOutput = await client
        .send(new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: prefix, ...next }))
        .catch((error: unknown) => {
          throw storeError(error, `list the unfinished uploads below s3://${bucket}/${prefix}`);
        });
      for (const { Key: key = '', UploadId: uploadId = '', Initiated: startedAt } of page.Uploads ?? [])
        yield { key, uploadId, startedAt: startedAt ?? new Date(0) };
      next = page.IsTruncated ? { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker } : undefined;
    }
  }

  async function abortUpload({ key, uploadId }: Pick<UnfinishedUpload, 'key' | 'uploadId'>): Promise<void> {
    try {
      await client.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key: key, UploadId: uploadId }));
    } catch (error) {
      if (error instanceof S3ServiceException && error.name === 'NoSuchUpload') return;
      throw storeError(error, `abort the upload of s3://${bucket}/${key}`);
    }
  }

  return { bucket, deleteVersions, listUnfinished, abortUpload };
}
