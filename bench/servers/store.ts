/** versitygw: an S3 server that is not the bottleneck. The second listener speaks TLS, which pgBackRest insists on. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateBucketCommand, DeleteObjectsCommand, ListObjectVersionsCommand, PutBucketVersioningCommand } from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import { s3Client } from '../../adapters/s3/client.ts';
import { startProcess } from '../../local/processes/start.ts';
import { freePort, LOOPBACK } from '../../local/servers/port.ts';
import type { Place } from '../place.ts';

export const REGION = 'us-east-1';
/** Of a server that listens on the loopback address, for the time of a measurement. */
export const CREDENTIALS = { accessKeyId: 'benchkey', secretAccessKey: 'benchsecret123' };
export const PEER_BUCKET = 'bench';
/** Versioned, as a vault is. */
export const VAULT_BUCKET = 'holdfast';
const READY_TIMEOUT_MS = 30_000;
const STOP_GRACE_MS = 10_000;

export type BenchStore = {
  pids: number[];
  endpointUrl: string;
  tlsPort: number | undefined;
  client: S3Client;
  /** What a program needs to reach it. */
  environment: Record<string, string>;
  wipe(bucket: string, prefix: string): Promise<void>;
  size(bucket: string, prefix: string): Promise<{ bytes: number; objects: number }>;
  stop: () => Promise<void>;
};

export const certificatePaths = (place: Place) => ({ cert: join(place.root, 's3.crt'), key: join(place.root, 's3.key') });

export async function startBenchStore(place: Place, program: string): Promise<BenchStore> {
  const [data, versions] = [join(place.store, 'objects'), join(place.store, 'versions')];
  for (const directory of [data, versions]) mkdirSync(directory, { recursive: true });
  const { cert, key } = certificatePaths(place);
  const tlsPort = existsSync(cert) && existsSync(key) ? await freePort() : undefined;
  const port = await freePort();
  const start = (listen: number, tls: readonly string[]) =>
    startProcess({
      command: program,
      args: ['-p', `${LOOPBACK}:${listen}`, ...tls, '-q', '--keep-alive', 'posix', '--versioning-dir', versions, data],
      env: { PATH: '/usr/bin:/bin', ROOT_ACCESS_KEY: CREDENTIALS.accessKeyId, ROOT_SECRET_KEY: CREDENTIALS.secretAccessKey },
      stopGraceMs: STOP_GRACE_MS,
      output: { file: join(place.logs, 'store.log') },
    });
  const running = [start(port, []), ...(tlsPort === undefined ? [] : [start(tlsPort, ['--cert', cert, '--key', key])])];
  const connected = await connectStore({ endpointUrl: `http://${LOOPBACK}:${port}`, ...CREDENTIALS });
  return {
    ...connected,
    pids: running.map(({ pid }) => pid),
    tlsPort,
    stop: async () => {
      await connected.stop();
      await Promise.all(running.map((each) => each.stop()));
    },
  };
}

export type StorePlace = { endpointUrl: string; accessKeyId: string; secretAccessKey: string; caPath?: string };

/** A store that somebody else runs: an emulator where there is no versitygw. */
export async function connectStore({ endpointUrl, accessKeyId, secretAccessKey, caPath }: StorePlace): Promise<BenchStore> {
  const client = s3Client({ region: REGION, endpointUrl, credentials: { accessKeyId, secretAccessKey } }, {});
  await makeBuckets(client);
  return {
    pids: [],
    endpointUrl,
    tlsPort: undefined,
    client,
    environment: {
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_REGION: REGION,
      ...(caPath === undefined ? {} : { NODE_EXTRA_CA_CERTS: caPath }),
    },
    wipe: (bucket, prefix) => wipe(client, bucket, prefix),
    size: (bucket, prefix) => size(client, bucket, prefix),
    stop: () => Promise.resolve(client.destroy()),
  };
}

async function makeBuckets(client: S3Client): Promise<void> {
  for (const deadline = Date.now() + READY_TIMEOUT_MS; ; await sleep(100))
    try {
      for (const Bucket of [PEER_BUCKET, VAULT_BUCKET])
        await client.send(new CreateBucketCommand({ Bucket })).catch((error: unknown) => {
          if (!(error instanceof Error) || !error.name.startsWith('BucketAlready')) throw error;
        });
      await client.send(new PutBucketVersioningCommand({ Bucket: VAULT_BUCKET, VersioningConfiguration: { Status: 'Enabled' } }));
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
}

async function* versionsOf(client: S3Client, bucket: string, prefix: string) {
  for (let marker: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } = {}; ;) {
    const page = await client.send(new ListObjectVersionsCommand({ Bucket: bucket, Prefix: prefix, ...marker }));
    yield [...(page.Versions ?? []), ...(page.DeleteMarkers ?? []).map((each) => ({ ...each, Size: 0 }))];
    if (!page.IsTruncated) return;
    marker = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
  }
}

async function wipe(client: S3Client, bucket: string, prefix: string): Promise<void> {
  for await (const page of versionsOf(client, bucket, prefix)) {
    const Objects = page.flatMap(({ Key, VersionId }) => (Key === undefined ? [] : [{ Key, VersionId }]));
    if (Objects.length > 0) await client.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }));
  }
}

async function size(client: S3Client, bucket: string, prefix: string): Promise<{ bytes: number; objects: number }> {
  let [bytes, objects] = [0, 0];
  for await (const page of versionsOf(client, bucket, prefix)) {
    objects += page.length;
    bytes += page.reduce((sum, each) => sum + (each.Size ?? 0), 0);
  }
  return { bytes, objects };
}
