import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { gatherReads } from '../../../adapters/postgres/gather-reads.ts';

/** Says what it was told. */
function fakeStream() {
  const told: string[] = [];
  const stream = { pause: () => (told.push('pause'), stream), resume: () => (told.push('resume'), stream) };
  return { told, reads: gatherReads(stream as unknown as Parameters<typeof gatherReads>[0]) };
}
const LITTLE = 8 * 1024;
const MUCH = 64 * 1024;

it('rests for a moment after little, once however many pieces it came in', async () => {
  const { told, reads } = fakeStream();
  reads.add(LITTLE);
  reads.add(LITTLE);
  await sleep(20);
  expect(told).toEqual(['pause', 'resume']);
});

it('goes on at once while there is plenty', async () => {
  const { told, reads } = fakeStream();
  for (let piece = 0; piece < MUCH / LITTLE; piece++) reads.add(LITTLE);
  await sleep(20);
  expect(told).toEqual([]);
});

it('does not wake whoever was told to wait', async () => {
  const { told, reads } = fakeStream();
  reads.add(LITTLE);
  await new Promise((resolve) => setImmediate(resolve));
  reads.pause();
  await sleep(20);
  expect(told).toEqual(['pause', 'pause']);
  reads.resume();
  expect(told.at(-1)).toBe('resume');
});

it('keeps a rest that it is told to end, and ends it by itself', async () => {
  const { told, reads } = fakeStream();
  reads.add(LITTLE);
  await new Promise((resolve) => setImmediate(resolve));
  reads.pause();
  reads.resume();
  expect(told).toEqual(['pause', 'pause']);
  await sleep(20);
  expect(told).toEqual(['pause', 'pause', 'resume']);
});
