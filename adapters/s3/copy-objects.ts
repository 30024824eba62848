import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  paginateListParts,
  ListMultipartUploadsCommand,
  NoSuchUpload,
  S3ServiceException,
  UploadPartCopyCommand,
  type ListMultipartUploadsCommandOutput,
  type MultipartUpload,
  type Part,
  type S3Client,
} from '@aws-sdk/client-s3';
import { BytesDiffer } from '../../core/ports/object-errors.ts';
import type { CopySource, ObjectCopier, UploadedPart } from '../../core/ports/object-copier.ts';
import type { Crc } from '../../core/ports/object-store.ts';
import { storeError } from './errors.ts';

/**
 * ObjectCopier into an S3 bucket. Nothing is said of encryption: a copy gets the destination's own, under a key of its region.
 * @param client one of the destination's region
 */
export function s3Copier(client: S3Client, bucket: string, sourceBucket: string): ObjectCopier {
  const at = (key: string) => `s3://${bucket}/${key}`;
  const copySource = ({ key, versionId }: CopySource) =>
    `${sourceBucket}/${key.split('/').map(encodeURIComponent).join('/')}?versionId=${encodeURIComponent(versionId)}`;

  async function sending<T>(tried: string, send: () => Promise<T>): Promise<T> {
    try {
      return await send();
    } catch (error) {
      throw storeError(error, tried);
    }
  }

  return {
    bucket,

    copyWhole: (source, algorithm) =>
      sending(`copy s3://${sourceBucket}/${source.key} to ${at(source.key)}`, async () => {
        const answer = await client.send(
          new CopyObjectCommand({
            Bucket: bucket,
            Key: source.key,
            CopySource: copySource(source),
            ChecksumAlgorithm: algorithm,
            // Tags say when an object goes to cold storage, which each vault decides for itself; copying them takes a right more.
            TaggingDirective: 'REPLACE',
          }),
        );
        return { versionId: answer.VersionId ?? 'null' };
      }),

    startUpload: (key, algorithm) =>
      sending(`start the upload of ${at(key)}`, async () => {
        const answer = await client.send(
          new CreateMultipartUploadCommand({
            Bucket: bucket,
            Key: key,
            ChecksumAlgorithm: algorithm,
            ChecksumType: 'FULL_OBJECT',
          }),
        );
        if (!answer.UploadId) throw new Error('the service named no upload');
        return { uploadId: answer.UploadId };
      }),

    listUploads: (key) =>
      sending(`list the unfinished uploads of ${at(key)}`, async () => {
        const found: MultipartUpload[] = [];
        let next: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } | undefined = {};
        while (next) {
          const page: ListMultipartUploadsCommandOutput = await client.send(
            new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: key, ...next }),
          );
          found.push(...(page.Uploads ?? []));
          next = page.IsTruncated ? { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker } : undefined;
        }
        return found
          .filter((upload) => upload.Key === key)
          .sort((a, b) => (a.Initiated?.getTime() ?? 0) - (b.Initiated?.getTime() ?? 0))
          .map((upload) => upload.UploadId ?? '');
      }),

    listParts: (key, uploadId) =>
      sending(`list the parts of ${at(key)}`, async () => {
        const parts: UploadedPart[] = [];
        try {
          for await (const page of paginateListParts({ client }, { Bucket: bucket, Key: key, UploadId: uploadId }))
            parts.push(...(page.Parts ?? []).map((part) => uploadedPart(part)));
        } catch (error) {
          if (isNoUpload(error)) return undefined;
          throw error;
        }
        return parts;
      }),

    copyPart: (source, { uploadId, partNumber, firstByte, lastByte }) =>
      sending(`copy bytes ${firstByte} to ${lastByte} of s3://${sourceBucket}/${source.key} to ${at(source.key)}`, async () => {
        await client.send(
          new UploadPartCopyCommand({
            Bucket: bucket,
            Key: source.key,
            UploadId: uploadId,
            PartNumber: partNumber,
            CopySource: copySource(source),
            CopySourceRange: `bytes=${firstByte}-${lastByte}`,
          }),
        );
      }),

    async completeUpload(key, uploadId, parts, { sizeBytes, crc }) {
      // A service that keeps a CRC of each part keeps one of the whole as well, and compares it here.
      const keepsCrc = parts.length > 0 && parts.every((part) => part.crc?.algorithm === crc.algorithm);
      const whole = keepsCrc ? { ChecksumType: 'FULL_OBJECT' as const, ...checksumFields(crc) } : {};
      const Parts = parts.map(({ partNumber, etag, crc }) => ({
        PartNumber: partNumber,
        ETag: etag,
        ...(keepsCrc && crc ? checksumFields(crc) : {}),
      }));
      try {
        const answer = await client.send(
          new CompleteMultipartUploadCommand({
            Bucket: bucket,
            Key: key,
            UploadId: uploadId,
            MultipartUpload: { Parts },
            MpuObjectSize: sizeBytes,
            ...whole,
          }),
        );
        return { versionId: answer.VersionId ?? 'null' };
      } catch (error) {
        if (error instanceof S3ServiceException && error.name === 'BadDigest')
          throw new BytesDiffer(at(key), `the copy has not the ${crc.algorithm} ${crc.value} of the manifest`, { cause: error });
        throw storeError(error, `complete ${at(key)}`);
      }
    },

    abortUpload: (key, uploadId) =>
      sending(`abort the upload of ${at(key)}`, async () => {
        await client.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key: key, UploadId: uploadId })).catch((error: unknown) => {
          if (!isNoUpload(error)) throw error;
        });
      }),
  };
}

const isNoUpload = (error: unknown) =>
  error instanceof NoSuchUpload || (error instanceof S3ServiceException && error.name === 'NoSuchUpload');

const checksumFields = ({ algorithm, value }: Crc) => (algorithm === 'CRC32' ? { ChecksumCRC32: value } : { ChecksumCRC64NVME: value });

function uploadedPart(part: Part): UploadedPart {
  const crc: Crc | undefined = part.ChecksumCRC64NVME
    ? { algorithm: 'CRC64NVME', value: part.ChecksumCRC64NVME }
    : part.ChecksumCRC32
      ? { algorithm: 'CRC32', value: part.ChecksumCRC32 }
      : undefined;
  return { partNumber: part.PartNumber ?? 0, sizeBytes: part.Size ?? 0, etag: part.ETag ?? '', crc };
}
