/** The guard in front of a rotation, over secrets, escrow and roles of the emulator. */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { callRotation } from '../../../adapters/escrow/call-rotation.ts';
import { GuardRequest, type RotationEvent } from '../../../core/escrow/contract.ts';
import { escrowVersion } from '../../../functions/escrow/escrow-version.ts';
import { guardRotation, type GuardPorts } from '../../../functions/escrow/guard-rotation.ts';
import { readBack } from '../../../functions/escrow/read-back.ts';
import { HOME, makeEscrowWorld, REPLICA, type EscrowWorld } from './escrow-world.ts';

const FUNCTION = 'arn:aws:lambda:eu-central-1:111122223333:function:rotate';
const NOW = new Date('2026-11-21T12:00:00Z');
const RUN = '20261121T020000Z-abc123';

let world: EscrowWorld;
beforeAll(async () => {
  world = await makeEscrowWorld(inject('emulator'));
  world.keys['key'] = { secret: `${world.system}/guarded`, field: 'A' };
  world.keys['other'] = { secret: `${world.system}/guarded`, field: 'B' };
});

const rotated: [functionArn: string, event: RotationEvent][] = [];
const ports = (over: Partial<GuardPorts> = {}): GuardPorts => ({
  system: world.system,
  source: world.listPorts().source,
  keys: world.keys,
  guarded: { key: { limitSeconds: 90_000, rotationFunction: FUNCTION }, other: { limitSeconds: 90_000 } },
  places: [HOME, REPLICA].map((region) => ({ name: region, escrow: world.bucket(region, world.roles.dump).reader })),
  rotate: (functionArn, event) => Promise.resolve(void rotated.push([functionArn, event])),
  now: () => NOW,
  ...over,
});
const arn = () => `arn:aws:secretsmanager:${HOME}:000000000000:secret:${world.system}/guarded-AbCdEf`;
const event = (Step: RotationEvent['Step'], ClientRequestToken = 'next'): RotationEvent => ({ SecretId: arn(), ClientRequestToken, Step });
const put = () => world.putSecret('guarded', JSON.stringify({ A: randomBytes(32).toString('hex'), B: randomBytes(32).toString('hex') }));
async function escrow(key: string, secretVersion: string, places: readonly ('vault' | 'replica')[], run = RUN) {
  const one = await escrowVersion({ key, secretVersion, run }, world.escrowPorts());
  for (const place of places) await readBack({ ...one, run, place }, world.readBackPorts());
}

describe('a rotation', () => {
  test('is refused until every key of the secret was opened in both regions, and then handed on as it came', async () => {
    const secretVersion = await put();
    const refused = async () => {
      const attempt = guardRotation(event('createSecret'), ports());
      await expect(attempt).rejects.toMatchObject({ failure: 'RotationRefused' });
      return await attempt.catch((error: unknown) => (error as Error).message);
    };
    expect(await refused()).toMatch(/version of key .* is not in escrow in eu-central-1;.*version of other/);
    await escrow('key', secretVersion, ['vault', 'replica']);
    expect(await refused()).not.toMatch(/version of key /);
    await escrow('other', secretVersion, ['vault']);
    expect(await refused()).toBe(
      `The rotation is refused: The version of other that would be replaced (${secretVersion}) was never opened in ${REPLICA}`,
    );
    expect(rotated).toEqual([]);
    await escrow('other', secretVersion, ['replica']);
    expect(await guardRotation(event('createSecret'), ports())).toEqual({ allowed: true, keys: ['key', 'other'] });
    expect(rotated).toEqual([[FUNCTION, event('createSecret')]]);
  });

  test('that has begun is not held up: its later steps are handed on', async () => {
    rotated.length = 0;
    await put();
    for (const step of ['setSecret', 'testSecret'] as const) await guardRotation(event(step), ports());
    expect(rotated.map(([, { Step }]) => Step)).toEqual(['setSecret', 'testSecret']);
    await expect(guardRotation(event('createSecret'), ports())).rejects.toMatchObject({ failure: 'RotationRefused' });
  });

  test('does not replace a value that was made current meanwhile and is not in escrow, and ends once it is', async () => {
    rotated.length = 0;
    const secretVersion = await put();
    await expect(guardRotation(event('finishSecret'), ports())).rejects.toThrow(
      new RegExp(`The version of key that is current by now \\(${secretVersion}\\) is not in escrow in ${HOME}.*${REPLICA}.* of other `),
    );
    expect(rotated).toEqual([]);
    // In escrow is enough here: it may not have been opened since.
    for (const key of ['key', 'other']) await escrow(key, secretVersion, []);
    await guardRotation(event('finishSecret'), ports());
    expect(rotated).toHaveLength(1);
    // Tried again once it is current itself.
    const made = await put();
    await guardRotation(event('finishSecret', made), ports());
    expect(rotated).toHaveLength(2);
  });

  test('hands on whatever Secrets Manager says beside what the guard knows of', async () => {
    rotated.length = 0;
    const whole = { ...event('testSecret'), RotationToken: 'of another account' };
    await guardRotation(GuardRequest.parse(whole), ports());
    expect(rotated).toEqual([[FUNCTION, whole]]);
  });

  test('whose version is current already is done, and may be tried again', async () => {
    rotated.length = 0;
    const secretVersion = await put();
    expect(await guardRotation(event('createSecret', secretVersion), ports())).toMatchObject({ allowed: true });
    expect(rotated).toHaveLength(1);
  });

  test('is refused when the last opening is too old', async () => {
    const secretVersion = await put();
    for (const key of ['key', 'other']) await escrow(key, secretVersion, ['vault', 'replica']);
    await expect(guardRotation({ key: 'key' }, ports({ now: () => new Date('2026-11-23T12:00:00Z') }))).rejects.toThrow(/25 h are allowed/);
  });
});

test('a pipeline may ask for one key, and nothing is called', async () => {
  rotated.length = 0;
  const secretVersion = await put();
  await expect(guardRotation({ key: 'key' }, ports())).rejects.toMatchObject({ failure: 'RotationRefused' });
  for (const key of ['key', 'other']) await escrow(key, secretVersion, ['vault', 'replica'], '20261121T030000Z-abc123');
  expect(await guardRotation({ key: 'key' }, ports())).toEqual({ allowed: true, keys: ['key'] });
  expect(rotated).toEqual([]);
});

test('what the plan does not name is refused, and so is a rotation without its function', async () => {
  const stranger = { ...event('createSecret'), SecretId: arn().replace('guarded', 'stranger') };
  await expect(guardRotation(stranger, ports())).rejects.toThrow(/No key asset of this plan has this secret/);
  await expect(guardRotation(event('setSecret'), ports({ guarded: {} }))).rejects.toThrow(/does not say which function rotates/);
});

test('the function behind the guard is called once, whatever it answers, and its answer is not quoted', async () => {
  const calls: { url: string; body: string }[] = [];
  let answer: { status: number; headers: Record<string, string>; body: string };
  const server = createServer((request: IncomingMessage, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      calls.push({ url: request.url ?? '', body });
      response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
      response.end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const endpointUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
    const rotate = callRotation({ endpointUrl, region: HOME, credentials });
    answer = { status: 200, headers: {}, body: 'null' };
    await rotate(FUNCTION, event('createSecret'));
    expect(calls).toEqual([{ url: expect.stringContaining('rotate/invocations') as string, body: JSON.stringify(event('createSecret')) }]);
    answer = { status: 200, headers: { 'X-Amz-Function-Error': 'Unhandled' }, body: '{"errorMessage":"the value PLANTED is wrong"}' };
    const failed = await rotate(FUNCTION, event('setSecret')).catch((error: unknown) => error as Error);
    expect(failed).toMatchObject({ name: 'RotationFailed', message: expect.not.stringContaining('PLANTED') as string });
    answer = { status: 503, headers: {}, body: '{"Message":"down"}' };
    await expect(rotate(FUNCTION, event('testSecret'))).rejects.toMatchObject({ name: 'RotationFailed' });
    expect(calls).toHaveLength(3);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
});
