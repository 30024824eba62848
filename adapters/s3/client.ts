import { S3Client } from '@aws-sdk/client-s3';
import { clientConfig, type AwsSettings } from '../aws/settings.ts';

/**
 * An S3 client. Where an endpoint is given the bucket stands in the path: `bucket.localhost` does not resolve everywhere.
 * @param environment read for `AWS_ENDPOINT_URL` only, which the SDK itself honours
 */
export const s3Client = (settings: AwsSettings, environment: Record<string, string | undefined>) =>
  new S3Client({
    ...clientConfig(settings),
    forcePathStyle: Boolean(settings.endpointUrl ?? environment['AWS_ENDPOINT_URL'] ?? environment['AWS_ENDPOINT_URL_S3']),
    // Checksums are given by us where they matter; the SDK adds none of its own and checks those that come back.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // A stream that broke in the middle is resumed by `read`, which knows the offset.
    followRegionRedirects: false,
  });
