import { describe, expect, it } from 'vitest';
import { mapSeveralAtOnce, severalAtOnce } from '../../core/several-at-once.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('severalAtOnce', () => {
  it.each([1, 3, 50])('does each once, in order, never more than %i at once', async (count) => {
    let running = 0;
    let most = 0;
    const begun: number[] = [];
    await severalAtOnce(Array.from({ length: 20 }, (_, i) => i).values(), count, async (thing) => {
      begun.push(thing);
      most = Math.max(most, ++running);
      for (let i = 0; i <= thing % 4; i++) await turn();
      running -= 1;
    });
    expect(begun).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(most).toBe(Math.min(count, 20));
  });
  it('begins nothing after an error, stops the others, and throws it when they have ended', async () => {
    const begun: number[] = [];
    let ended = 0;
    const work = severalAtOnce([0, 1, 2, 3, 4, 5], 3, async (thing, stop) => {
      begun.push(thing);
      try {
        await turn();
        if (thing === 1) throw new Error('the first');
        while (!stop.aborted) await turn();
        await turn();
        throw new Error('a later one');
      } finally {
        ended += 1;
      }
    });
    await expect(work).rejects.toThrow('the first');
    expect([begun, ended]).toEqual([[0, 1, 2], 3]);
  });
  it('throws what was thrown, whatever it is', async () => {
    await expect(severalAtOnce([1], 2, () => Promise.reject(undefined as unknown as Error))).rejects.toBeUndefined();
  });
  it('gives the answers in the order of the things', async () => {
    const answers = await mapSeveralAtOnce([3, 1, 2, 0], 2, async (thing) => {
      for (let i = 0; i < thing; i++) await turn();
      return thing * 10;
    });
    expect(answers).toEqual([30, 10, 20, 0]);
    expect(await mapSeveralAtOnce([], 2, () => Promise.resolve(1))).toEqual([]);
  });
});
