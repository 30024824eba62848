import { PutObjectCommand, S3Client, UploadPartCommand } from '@aws-sdk/client-s3';
import { clientConfig, type AwsSettings } from '../aws/settings.ts';

/**
 * An S3 client. Where an endpoint is given the bucket stands in the path: `bucket.localhost` does not resolve everywhere.
 * @param environment read for `AWS_ENDPOINT_URL` only, which the SDK itself honours
 */
export function s3Client(settings: AwsSettings, environment: Record<string, string | undefined>): S3Client {
  const client = new S3Client({
    ...clientConfig(settings),
    forcePathStyle: Boolean(settings.endpointUrl ?? environment['AWS_ENDPOINT_URL'] ?? environment['AWS_ENDPOINT_URL_S3']),
    // Checksums are given by us where they matter; the SDK adds none of its own and checks those that come back.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // A stream that broke in the middle is resumed by `read`, which knows the offset.
    followRegionRedirects: false,
    // With it the SDK makes a new connection, TLS included, for every body.
    expectContinueHeader: false,
  });
  // The signature covers the headers, the CRC32 that we give of each body among them, which the service compares: a SHA-256 of the
  // body besides costs as much as sending it.
  client.middlewareStack.add(
    (next, { commandName }) =>
      (args) => {
        const { request } = args;
        if (WITH_CRC.has(commandName ?? '') && hasHeaders(request)) request.headers['x-amz-content-sha256'] = 'UNSIGNED-PAYLOAD';
        return next(args);
      },
    { step: 'build', name: 'bodiesByTheirCrc' },
  );
  return client;
}

const WITH_CRC = new Set([PutObjectCommand.name, UploadPartCommand.name]);
const hasHeaders = (request: unknown): request is { headers: Record<string, string> } =>
  typeof request === 'object' && request !== null && 'headers' in request;
