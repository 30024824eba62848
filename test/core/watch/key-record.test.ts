/** Which record of a key watch counts, in a bucket of the emulator where anybody may have written. */
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { beforeEach, expect, it } from 'vitest';
import { openBucket } from '../../../adapters/s3/bucket.ts';
import { keyWatchKey } from '../../../core/vault/keys.ts';
import { isFresh, isNews, readKeyWatch, type KeyWatchRecord } from '../../../core/watch/key-record.ts';
import type { Used } from '../../../core/watch/used.ts';
import { freshBucket, rootSettings } from '../../helpers/servers.ts';

const NOW = new Date('2026-11-21T12:00:00.000Z');
const used: Used[] = [{ kind: 'key', alias: 'a', arn: 'arn', state: 'works' }];
const record = (at: string, over: Partial<KeyWatchRecord> = {}): KeyWatchRecord => ({
  format: 'holdfast/key-watch/v1',
  system: 'ida',
  region: 'eu-central-1',
  at,
  used,
  ...over,
});

let bucket: ReturnType<typeof openBucket> & { name: string };
beforeEach(async () => {
  const name = await freshBucket({ name: 'watched' });
  bucket = { ...openBucket(name, rootSettings(), {}), name };
});
const put = (id: string, body: unknown) =>
  bucket.client.send(new PutObjectCommand({ Bucket: bucket.name, Key: keyWatchKey('ida', id), Body: JSON.stringify(body) }));
const newest = async (at = NOW) => (await readKeyWatch(bucket.reader, 'ida', at))?.at;

it('the newest one counts, of this month or of the one before', async () => {
  expect(await newest()).toBeUndefined();
  await put('20261031T230000Z', record('2026-10-31T23:00:00.000Z'));
  expect(await newest()).toBe('2026-10-31T23:00:00.000Z');
  await put('20261120T000000Z', record('2026-11-20T00:00:00.000Z'));
  await put('20261121T113000Z', record('2026-11-21T11:30:00.412Z'));
  expect(await newest()).toBe('2026-11-21T11:30:00.412Z');
  // Of next year nothing of this counts.
  expect(await newest(new Date('2027-11-21T12:00:00.000Z'))).toBeUndefined();
});

it('neither what is no record, nor one of another system, of another time than its name, or of the future counts', async () => {
  await put('20261121T100000Z', record('2026-11-21T10:00:00.000Z'));
  await put('20261121T110000Z', { format: 'holdfast/key-watch/v1' });
  await put('20261121T110100Z', record('2026-11-21T11:01:00.000Z', { system: 'other' }));
  await put('20261121T110200Z', record('2026-11-21T09:00:00.000Z'));
  await put('20261122T110300Z', record('2026-11-22T11:03:00.000Z'));
  for (const never of ['20261121T999999Z', '20261131T110000Z', '20261199T110000Z']) await put(never, record('2026-11-21T11:00:00.000Z'));
  expect(await newest()).toBe('2026-11-21T10:00:00.000Z');
});

it('neither a version that was put over it nor a delete marker hides it', async () => {
  const key = keyWatchKey('ida', '20261121T100000Z');
  await put('20261121T100000Z', record('2026-11-21T10:00:00.000Z', { used: [{ kind: 'key', alias: 'a', state: 'disabled' }] }));
  await put('20261121T100000Z', record('2026-11-21T10:00:00.000Z'));
  await bucket.client.send(new DeleteObjectCommand({ Bucket: bucket.name, Key: key }));
  expect((await readKeyWatch(bucket.reader, 'ida', NOW))?.used).toMatchObject([{ state: 'disabled' }]);
});

it('a look is written down when it saw something else, and once a day', () => {
  const before = record('2026-11-21T10:00:00.000Z');
  expect(isNews(undefined, before)).toBe(true);
  expect(isNews(before, { at: '2026-11-21T23:59:00.000Z', used: [{ state: 'works', arn: 'arn', alias: 'a', kind: 'key' }] })).toBe(false);
  expect(isNews(before, { at: '2026-11-22T00:04:00.000Z', used })).toBe(true);
  expect(isNews(before, { at: '2026-11-21T10:05:00.000Z', used: [{ kind: 'key', alias: 'a', arn: 'arn', state: 'disabled' }] })).toBe(true);
  expect(isFresh(before, new Date('2026-11-22T11:00:00.000Z'))).toBe(true);
  expect(isFresh(before, new Date('2026-11-22T13:00:00.000Z'))).toBe(false);
});
