/** Functions of the plan's own, people, and steps in an order: what comes before what, and what a failure of one leaves of the others. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { callStep } from '../../../adapters/lambda/call-step.ts';
import { makeQuiesceWorld } from './quiesce-world.ts';

const RUN = '20261121T020000Z-0a1b2c';
const arn = (name: string) => `arn:aws:lambda:eu-central-1:111111111111:function:${name}`;
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

type Behaviour = (name: string, action: string, earlier: number) => unknown;

/** An endpoint that answers as Lambda does. What a function throws is an answer with an error. */
async function makeFunctions(behave: Behaviour) {
  const calls: string[] = [];
  const server = createServer((incoming, answer) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const name =
        decodeURIComponent(incoming.url ?? '')
          .split(':')
          .at(-1)
          ?.replace('/invocations', '') ?? '';
      const { action, run } = JSON.parse(Buffer.concat(chunks).toString()) as { action: string; run: string };
      const earlier = calls.filter((call) => call === `${name} ${action}`).length;
      calls.push(`${name} ${action}`);
      const body = run === RUN ? behave(name, action, earlier) : new Error('not this run');
      const isError = body instanceof Error;
      if (isError) answer.setHeader('X-Amz-Function-Error', 'Unhandled');
      answer.end(JSON.stringify(isError ? { errorMessage: body.message } : body));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => server.close());
  const { port } = server.address() as AddressInfo;
  const settings = {
    region: 'eu-central-1',
    endpointUrl: `http://127.0.0.1:${port}`,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  return { calls, world: await makeQuiesceWorld({ call: callStep(settings) }) };
}
/** Functions that keep what they are. */
const obedient =
  (running: Record<string, boolean>): Behaviour =>
  (name, action) => {
    if (action !== 'status') running[name] = action === 'start';
    return { state: running[name] === true ? 'running' : 'stopped' };
  };
const steps = (...names: string[]) => names.map((name) => ({ kind: 'lambda', name, timeout: 'PT30S', function: arn(name) }));

describe('functions of the plan’s own', () => {
  it('are told to stop in the plan’s order, and to start in the reverse one', async () => {
    const running = { feed: true, worker: true, idle: false };
    const { calls, world } = await makeFunctions(obedient(running));
    await world.stopAll(RUN, { steps: steps('feed', 'worker', 'idle') });
    expect(running).toEqual({ feed: false, worker: false, idle: false });
    expect(calls.filter((call) => call.endsWith('stop'))).toEqual(['feed stop', 'worker stop']);
    expect(await world.resume(RUN)).toMatchObject({
      complete: true,
      message: 'Put back: idle (had not run before); worker (runs); feed (runs)',
    });
    expect(calls.filter((call) => call.endsWith('start'))).toEqual(['worker start', 'feed start']);
    expect(running).toEqual({ feed: true, worker: true, idle: false });
  });

  it('come back in the order that is stated', async () => {
    const { calls, world } = await makeFunctions(obedient({ feed: true, worker: true }));
    await world.stopAll(RUN, { steps: steps('feed', 'worker'), resumeOrder: ['feed', 'worker'] });
    await world.resume(RUN);
    expect(calls.filter((call) => call.endsWith('start'))).toEqual(['feed start', 'worker start']);
  });

  it('that fail at stop leave the ones after them alone, and the ones before are put back', async () => {
    const running: Record<string, boolean> = { feed: true, worker: true, last: true };
    const { calls, world } = await makeFunctions((name, action, earlier) =>
      name === 'worker' && action === 'stop' ? new Error('planted-secret') : obedient(running)(name, action, earlier),
    );
    const stopping = world.stopAll(RUN, { steps: steps('feed', 'worker', 'last') });
    await expect(stopping).rejects.toMatchObject({ message: 'The function worker failed at stop (Unhandled)' });
    await expect(stopping).rejects.not.toMatchObject({ message: expect.stringContaining('planted-secret') as string });
    expect([running, calls.some((call) => call.startsWith('last'))]).toEqual([{ feed: false, worker: true, last: true }, false]);
    await world.resume(RUN, true);
    expect(running['feed']).toBe(true);
  });

  it('that do not start keep no other from it, and are started alone by the next resume', async () => {
    const running: Record<string, boolean> = { feed: true, worker: true };
    let isBroken = true;
    const { calls, world } = await makeFunctions((name, action, earlier) =>
      name === 'worker' && action === 'start' && isBroken ? new Error('no') : obedient(running)(name, action, earlier),
    );
    await world.stopAll(RUN, { steps: steps('feed', 'worker') });
    expect(await world.resume(RUN)).toMatchObject({
      complete: false,
      message: `Put back: feed (runs). Not put back: worker (The function worker failed at start (Unhandled)). Once that is put right: npx holdfast restore resume ${RUN}`,
    });
    isBroken = false;
    expect(await world.resume(RUN)).toMatchObject({ complete: true, message: 'Put back: worker (runs)' });
    expect(calls.filter((call) => call === 'feed start')).toHaveLength(1);
  });

  it('that answer no state are refused in words of our own', async () => {
    const { world } = await makeFunctions(() => ({ ok: 'planted-secret' }));
    await expect(world.stopAll(RUN, { steps: steps('feed') })).rejects.toMatchObject({
      message: 'The function feed did not answer status with a state of stopped, running or changing',
    });
  });

  it('that never settle are not waited for without an end', async () => {
    const { world } = await makeFunctions(() => ({ state: 'changing' }));
    await expect(world.stopAll(RUN, { steps: steps('feed') })).rejects.toMatchObject({
      message: 'The step feed did not stop: the function says that it changes',
    });
  });
});

describe('what a person does', () => {
  const manual = {
    steps: [
      { kind: 'manual', name: 'partner', timeout: 'PT2M', what: 'Ask the partner to stop its feed', putBack: 'Ask the partner to go on' },
    ],
  };

  it('is asked for, and waited for until somebody says so', async () => {
    const world = await makeQuiesceWorld({});
    let waits = 0;
    world.meanwhile.happens = async () => void (waits++ === 3 && (await world.tick(RUN, 0, 'stop')));
    await world.stopAll(RUN, manual);
    expect(world.told).toEqual([
      `Holdfast: a restore waits for partner\nDo now     Ask the partner to stop its feed\nThen       npx holdfast restore tick ${RUN} partner --stopped\n`,
    ]);
    world.meanwhile.happens = async () => void (waits++ === 8 && (await world.tick(RUN, 0, 'start')));
    expect(await world.resume(RUN)).toMatchObject({ complete: true, message: 'Put back: partner (somebody has said so)' });
    expect(world.told).toHaveLength(2);
  });

  it('is not taken for done when nobody says so', async () => {
    const world = await makeQuiesceWorld({});
    await expect(world.stopAll(RUN, manual)).rejects.toMatchObject({
      message: 'The step partner did not stop: after 2 min, nobody has said that it is done',
    });
    expect(await world.resume(RUN, true)).toMatchObject({ complete: false, message: expect.stringContaining('after 2 min') as string });
  });
});
