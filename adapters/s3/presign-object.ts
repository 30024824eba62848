import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';

/** The longest that S3 takes such a link for is a week; that of a role’s session ends with the session. */
export type PageLink = { key: string; versionId: string; seconds: number };

/** A link that shows one version to whoever holds it, as a page, with the rights of who made it. */
export const presignPage = (client: S3Client, bucket: string, { key, versionId, seconds }: PageLink): Promise<string> =>
  getSignedUrl(
    client,
    new GetObjectCommand({
      Bucket: bucket,
      Key: key,
      VersionId: versionId,
      // Whatever type it was stored with.
      ResponseContentType: 'text/html; charset=utf-8',
      ResponseContentDisposition: 'inline',
      ResponseCacheControl: 'no-store',
    }),
    { expiresIn: seconds },
  );
