import { PutObjectTaggingCommand, type S3Client } from '@aws-sdk/client-s3';
import type { ObjectTagger } from '../../core/ports/object-store.ts';
import { isMissing, storeError } from './errors.ts';

/** ObjectTagger on an S3 bucket. */
export const s3Tagger = (client: S3Client, bucket: string): ObjectTagger => ({
  async tag({ key, versionId }, name, value) {
    const Tagging = { TagSet: [{ Key: name, Value: value }] };
    try {
      await client.send(new PutObjectTaggingCommand({ Bucket: bucket, Key: key, VersionId: versionId, Tagging }));
    } catch (error) {
      if (isMissing(error)) return;
      throw storeError(error, `tag s3://${bucket}/${key} (version ${versionId})`);
    }
  },
});
