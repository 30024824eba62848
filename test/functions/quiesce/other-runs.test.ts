/** What another run has stopped: it is that run's own for as long as it goes on. */
import { expect, it } from 'vitest';
import { makeQuiesceWorld } from './quiesce-world.ts';

const [EARLIER, LATER] = ['20261121T020000Z-0a1b2c', '20261121T030000Z-0a1b2d'];
const arn = 'arn:aws:lambda:eu-central-1:111111111111:function:feed';
const plan = { steps: [{ kind: 'lambda', name: 'feed', timeout: 'PT30S', function: arn }] };

async function stopped() {
  const calls: string[] = [];
  let state: 'running' | 'stopped' = 'running';
  const world = await makeQuiesceWorld({
    call: (_, action) => {
      if (action !== 'status') calls.push(action);
      if (action !== 'status') state = action === 'start' ? 'running' : 'stopped';
      return Promise.resolve(state);
    },
  });
  await world.stopAll(EARLIER, plan);
  return { world, calls };
}

it('is put back by hand once the run has ended, and not before', async () => {
  const { world, calls } = await stopped();
  world.going.add(`execution-of-${EARLIER}`);
  await expect(world.resume(EARLIER, false, true)).rejects.toMatchObject({
    failure: 'QuiesceFailed',
    message: expect.stringContaining(`The run ${EARLIER} still goes on, as the execution execution-of-${EARLIER}`) as string,
  });
  expect(calls).toEqual(['stop']);
  world.going.clear();
  await expect(world.resume(EARLIER, false, true)).resolves.toMatchObject({ complete: true });
  expect(calls).toEqual(['stop', 'start']);
});

it('is put back by the run itself, which goes on', async () => {
  const { world, calls } = await stopped();
  world.going.add(`execution-of-${EARLIER}`);
  await expect(world.resume(EARLIER)).resolves.toMatchObject({ complete: true });
  expect(calls).toEqual(['stop', 'start']);
});

it('is taken over by no other run that begins meanwhile', async () => {
  const { world } = await stopped();
  world.going.add(`execution-of-${EARLIER}`);
  await expect(world.stopAll(LATER, plan)).rejects.toThrow(/still goes on/);
  world.going.clear();
  await world.stopAll(LATER, plan);
  await expect(world.resume(LATER)).resolves.toMatchObject({ message: 'Put back: feed (runs)' });
});

it('is asked for by the name of a run that there is', async () => {
  const { world } = await stopped();
  await expect(world.resume(LATER, false, true)).rejects.toMatchObject({
    failure: 'BadInput',
    message: `There is no restore ${LATER} of main`,
  });
  // A run that was to stop things and was stopped before that has nothing to put back.
  await expect(world.resume(LATER, true)).resolves.toMatchObject({ done: true, complete: true, message: '' });
});
