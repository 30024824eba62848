import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  ListMultipartUploadsCommand,
  S3ServiceException,
  type ListMultipartUploadsCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { AccessRefused, ObjectMissing } from '../../core/ports/object-errors.ts';
import type { ObjectDeleter, RefusedDeletion, UnfinishedUpload } from '../../core/ports/object-store.ts';
import { severalAtOnce } from '../../core/several-at-once.ts';
import { storeError } from './errors.ts';

/** One by one, since the emulator asks for another right when several are deleted by one request; S3 takes thousands a second. */
const DELETIONS_AT_ONCE = 16;

/** ObjectDeleter on an S3 bucket. */
export function s3Deleter(client: S3Client, bucket: string): ObjectDeleter {
  async function deleteVersions(refs: readonly { key: string; versionId: string }[]): Promise<RefusedDeletion[]> {
    const refused: RefusedDeletion[] = [];
    await severalAtOnce(refs, DELETIONS_AT_ONCE, async ({ key, versionId }) => {
      try {
        await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId }));
      } catch (error) {
        const told = storeError(error, `delete s3://${bucket}/${key} (version ${versionId})`);
        if (told instanceof ObjectMissing) return;
        if (!(told instanceof AccessRefused)) throw told;
        refused.push({ key, versionId, why: told.message });
      }
    });
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
