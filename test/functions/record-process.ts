/** The record step as a process: `record-process.ts <bucket> <system> <asset> <point>`. Says where it is, and waits there when told to. */
import { openBucket } from '../../adapters/s3/bucket.ts';
import type { ObjectWriter } from '../../core/ports/object-store.ts';
import { recordPoint } from '../../functions/record/record-point.ts';

const [bucket = '', system = '', asset = '', point = ''] = process.argv.slice(2);
const { reader, writer } = openBucket(bucket, {}, process.env);

async function pauseAt(place: string): Promise<void> {
  if (process.env['PAUSE_AT'] !== place) return;
  process.stdout.write(`${place}\n`);
  await new Promise((resolve) => setTimeout(resolve, 60_000));
}

const putOnce: ObjectWriter['putOnce'] = async (key, body) => {
  await pauseAt('before-the-link');
  const written = await writer.putOnce(key, body);
  await pauseAt('behind-the-link');
  return written;
};
const ports = { vault: { ...reader, ...writer, putOnce }, publish: () => undefined, now: () => new Date(), longestRuns: {} };
const { link } = await recordPoint({ system, asset, slot: point, point, claim: 1, run: '20261101T020000Z-abcdef' }, ports);
process.stdout.write(`${link}\n`);
