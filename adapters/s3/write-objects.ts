import { PutObjectCommand, PutObjectRetentionCommand, GetObjectRetentionCommand, type S3Client } from '@aws-sdk/client-s3';
import { ObjectExists } from '../../core/ports/object-errors.ts';
import type { ObjectLocker, ObjectWriter } from '../../core/ports/object-store.ts';
import { addToCrc32, encodeCrc32 } from './crc.ts';
import { isConflict, isExisting, storeError } from './errors.ts';
import { uploadObject } from './upload-object.ts';

const CONFLICT_TRIES = 5;
const CONFLICT_PAUSE_MILLISECONDS = 50;

/** ObjectWriter on an S3 bucket. */
export function s3Writer(client: S3Client, bucket: string): ObjectWriter {
  async function putOnce(key: string, body: string | Uint8Array): Promise<{ versionId: string }> {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    const tried = `write s3://${bucket}/${key}`;
    for (let attempt = 1; ; attempt++) {
      try {
        const answer = await client.send(
          new PutObjectCommand({
            Bucket: bucket,
            Key: key,
            Body: bytes,
            IfNoneMatch: '*',
            ChecksumCRC32: encodeCrc32(addToCrc32(bytes)),
            ContentType: 'application/json',
          }),
        );
        return { versionId: answer.VersionId ?? 'null' };
      } catch (error) {
        if (isExisting(error)) throw new ObjectExists(`s3://${bucket}/${key}`, { cause: error });
        if (!isConflict(error) || attempt === CONFLICT_TRIES) throw storeError(error, tried);
        await new Promise((resolve) => setTimeout(resolve, CONFLICT_PAUSE_MILLISECONDS * attempt));
      }
    }
  }
  return { bucket, putOnce, upload: (key, chunks, options) => uploadObject(client, bucket, key, chunks, options) };
}

/** ObjectLocker on an S3 bucket. */
export function s3Locker(client: S3Client, bucket: string): ObjectLocker {
  return {
    async lockUntil(ref, mode, until) {
      const named = { Bucket: bucket, Key: ref.key, VersionId: ref.versionId };
      const tried = `lock s3://${bucket}/${ref.key} (version ${ref.versionId}) until ${until.toISOString()}`;
      try {
        const current = await client.send(new GetObjectRetentionCommand(named)).catch((error: unknown) => {
          // No retention at all is answered as an error of its own.
          if (
            error instanceof Error &&
            (error.name === 'NoSuchObjectLockConfiguration' || error.name === 'ObjectLockConfigurationNotFoundError')
          )
            return undefined;
          throw error;
        });
        const currentMode = current?.Retention?.Mode;
        const isStricter = currentMode === 'COMPLIANCE' && mode === 'governance';
        const currentUntil = current?.Retention?.RetainUntilDate ?? until;
        if (current && currentUntil >= until && (isStricter || currentMode === mode.toUpperCase())) return;
        await client.send(
          new PutObjectRetentionCommand({
            ...named,
            Retention: {
              Mode: mode === 'compliance' || isStricter ? 'COMPLIANCE' : 'GOVERNANCE',
              RetainUntilDate: currentUntil > until ? currentUntil : until,
            },
          }),
        );
      } catch (error) {
        throw storeError(error, tried);
      }
    },
  };
}
