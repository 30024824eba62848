/** Locks that cannot be made longer: one object, many of a region, and a region that refuses. */
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { openBucket } from '../../../adapters/s3/bucket.ts';
import { renewLocks } from '../../../functions/escrow/renew-locks.ts';
import { faultProxy, type FaultProxy } from '../../helpers/fault-proxy.ts';
import { HOME, makeEscrowWorld, REPLICA, type EscrowWorld } from './escrow-world.ts';

const OBJECTS = 40;
let world: EscrowWorld;
let proxy: FaultProxy;
beforeAll(async () => {
  world = await makeEscrowWorld(inject('emulator'));
  proxy = await faultProxy(inject('emulator'));
});
afterAll(() => proxy.close());

const nameOf = (key: string, value: number) => `${world.system}/${key}/${value.toString(16).padStart(64, '0')}/envelope-0123456789abcdef`;

async function makeKey(key: string) {
  world.keys[key] = { secret: `${world.system}/${key}` };
  for (const region of [HOME, REPLICA])
    for (let value = 0; value < OBJECTS; value += 1) await world.bucket(region).writer.putOnce(nameOf(key, value), 'sealed');
}
/** Home by way of what lets chosen requests fail. */
const renew = (key: string, replica = world.bucket(REPLICA)) => {
  const home = openBucket(world.bucketName(HOME), { ...world.settings(HOME), endpointUrl: proxy.endpointUrl }, {});
  const places = [home, replica].map(({ reader, locker }) => ({ ...reader, ...locker }));
  return renewLocks({ input: { key } }, { system: world.system, keys: world.keys, places, now: () => new Date() });
};
const refuseLocks = (isRefused: (path: string) => boolean) => {
  proxy.rules.length = 0;
  proxy.rules.push({
    matches: ({ method, path, query }) => method === 'PUT' && query.has('retention') && isRefused(path),
    fault: { kind: 'answer', status: 403, code: 'AccessDenied' },
    times: Infinity,
  });
};
const messageOf = (renewal: Promise<unknown>) =>
  renewal.then(
    () => 'nothing failed',
    ({ message }: Error) => message,
  );
const daysLeft = async (region: string, name: string) => {
  const head = await world.bucket(region).reader.head({ key: name });
  return ((head?.lockedUntil?.getTime() ?? 0) - Date.now()) / 86_400_000;
};

test('one object keeps no other waiting, in either region, and is named', async () => {
  await makeKey('first');
  const refused = nameOf('first', 1);
  refuseLocks((path) => path.endsWith(refused));
  const home = world.bucketName(HOME);
  expect(await messageOf(renew('first'))).toMatch(
    new RegExp(`^1 of ${OBJECTS} locks could not be made longer in ${home} \\(${refused}\\): lock s3://${home}/`),
  );
  expect(await daysLeft(HOME, refused)).toBeLessThan(31);
  for (const [region, value] of [
    [HOME, 0],
    [HOME, OBJECTS - 1],
    [REPLICA, 1],
  ] as const)
    expect(await daysLeft(region, nameOf('first', value))).toBeGreaterThan(700);
  // The next run has that one left.
  refuseLocks(() => false);
  expect(await renew('first')).toEqual({ renewed: 1 });
});

test('a region in which all are refused is given up after some, and the message says how many were not tried', async () => {
  await makeKey('second');
  refuseLocks(() => true);
  const message = await messageOf(renew('second'));
  const counts = /^(\d+) of 40 locks could not be made longer in .* and \d+ more\), (\d+) were not tried any more: /.exec(message);
  const [failed, untried] = [Number(counts?.[1]), Number(counts?.[2])];
  expect(failed, message).toBeGreaterThanOrEqual(20);
  expect(failed).toBeLessThan(OBJECTS);
  expect(failed + untried).toBe(OBJECTS);
  expect(message).not.toContain(world.bucketName(REPLICA));
  expect(await daysLeft(REPLICA, nameOf('second', OBJECTS - 1))).toBeGreaterThan(700);
});

test('a region that refuses to be listed keeps nothing from the other', async () => {
  await makeKey('third');
  refuseLocks(() => false);
  const replica = world.bucket(REPLICA, { accessKeyId: 'AKIANOBODY', secretAccessKey: 'x' });
  expect(await messageOf(renew('third', replica))).toMatch(new RegExp(`^No lock was made longer in ${world.bucketName(REPLICA)}: [^;]*$`));
  expect(await daysLeft(HOME, nameOf('third', OBJECTS - 1))).toBeGreaterThan(700);
});
