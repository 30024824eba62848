import { PutObjectLegalHoldCommand, type S3Client } from '@aws-sdk/client-s3';
import type { ObjectHolder } from '../../core/ports/object-store.ts';
import { isMissing, storeError } from './errors.ts';

/** ObjectHolder on an S3 bucket. */
export const s3Holder = (client: S3Client, bucket: string): ObjectHolder => ({
  async setHold({ key, versionId }, isHeld) {
    const LegalHold = { Status: isHeld ? 'ON' : 'OFF' } as const;
    try {
      await client.send(new PutObjectLegalHoldCommand({ Bucket: bucket, Key: key, VersionId: versionId, LegalHold }));
    } catch (error) {
      if (isMissing(error)) return;
      throw storeError(error, `${isHeld ? 'put a legal hold on' : 'take the legal hold off'} s3://${bucket}/${key} (version ${versionId})`);
    }
  },
});
