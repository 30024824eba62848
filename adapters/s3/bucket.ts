import { s3Client } from './client.ts';
import { s3Deleter } from './delete-objects.ts';
import { s3Holder } from './hold-objects.ts';
import { s3Reader } from './read-objects.ts';
import { s3Retriever } from './retrieve-objects.ts';
import { s3Tagger } from './tag-objects.ts';
import { s3Locker, s3Writer } from './write-objects.ts';
import type { AwsSettings } from '../aws/settings.ts';

type Environment = Record<string, string | undefined>;

/** One bucket for reading, writing, locking or deleting, each a port of its own; the client is shared. */
export const openBucket = (bucket: string, settings: AwsSettings, environment: Environment) => {
  const client = s3Client(settings, environment);
  return {
    reader: s3Reader(client, bucket),
    writer: s3Writer(client, bucket),
    locker: s3Locker(client, bucket),
    holder: s3Holder(client, bucket),
    tagger: s3Tagger(client, bucket),
    retriever: s3Retriever(client, bucket),
    deleter: s3Deleter(client, bucket),
    client,
  };
};
