import { HeadObjectCommand, RestoreObjectCommand, S3ServiceException, type S3Client } from '@aws-sdk/client-s3';
import type { ObjectRetriever, Retrieval } from '../../core/ports/object-store.ts';
import { isArchived } from '../../core/restore/retrieval.ts';
import { storeError } from './errors.ts';

const ONGOING = 'RestoreAlreadyInProgress';
/** An object that is read as it stands can be read for as long as anybody asks. */
const ALWAYS = new Date(8.64e15);

/** ObjectRetriever on an S3 bucket. The head is asked for without checksums, which would take the right to use the bucket's key. */
export const s3Retriever = (client: S3Client, bucket: string): ObjectRetriever => ({
  async look({ key, versionId }) {
    try {
      const { StorageClass, Restore } = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId }));
      return isArchived(StorageClass) ? parseRestore(Restore) : { state: 'readable', until: ALWAYS };
    } catch (error) {
      throw storeError(error, `look whether s3://${bucket}/${key} (version ${versionId}) was retrieved`);
    }
  },

  async request({ key, versionId }, days) {
    // The standard tier: no price of its own per request worth naming, and no quota that others may have used up.
    const RestoreRequest = { Days: days, GlacierJobParameters: { Tier: 'Standard' as const } };
    try {
      await client.send(new RestoreObjectCommand({ Bucket: bucket, Key: key, VersionId: versionId, RestoreRequest }));
    } catch (error) {
      if (error instanceof S3ServiceException && error.name === ONGOING) return;
      throw storeError(error, `retrieve s3://${bucket}/${key} (version ${versionId}) from cold storage`);
    }
  },
});

/** `ongoing-request="false", expiry-date="Fri, 21 Dec 2026 00:00:00 GMT"`; absent when nobody has asked. */
function parseRestore(header: string | undefined): Retrieval {
  if (header === undefined) return { state: 'archived' };
  if (/ongoing-request="true"/.test(header)) return { state: 'ongoing' };
  const until = new Date(/expiry-date="([^"]+)"/.exec(header)?.[1] ?? '');
  return Number.isNaN(until.getTime()) ? { state: 'archived' } : { state: 'readable', until };
}
