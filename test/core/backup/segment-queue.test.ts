import { expect, it } from 'vitest';
import { workQueue } from '../../../core/backup/segment-queue.ts';

it('gives every piece once, in order, and ends when all are done', async () => {
  const queue = workQueue([1, 2]);
  expect([await queue.take(), await queue.take()]).toEqual([1, 2]);
  const third = queue.take();
  queue.done();
  queue.done();
  expect(await third).toBeUndefined();
});
it('waits for pieces that may come back, and gives them to whoever waits', async () => {
  const queue = workQueue(['a']);
  await queue.take();
  const again = queue.take();
  queue.giveBack('a');
  expect(await again).toBe('a');
  queue.done();
  expect(await queue.take()).toBeUndefined();
});
it('that is stopped gives nothing anymore', async () => {
  const queue = workQueue([1, 2]);
  await queue.take();
  const waiting = Promise.all([queue.take(), queue.take()]);
  queue.stop();
  expect(await waiting).toEqual([2, undefined]);
  expect(await queue.take()).toBeUndefined();
});
it('of nothing is at its end', async () => expect(await workQueue([]).take()).toBeUndefined());
