/** Random samples that can be had again: the seed is printed, and HOLDFAST_SEED sets it. */
export type SeededRandom = { /** 0 ≤ n < `limit`, whole. */ below(limit: number): number };

export function seededRandom(what: string): SeededRandom {
  const seed = Number(process.env['HOLDFAST_SEED'] ?? Math.trunc(Math.random() * 2 ** 31));
  process.stdout.write(`${what}: HOLDFAST_SEED=${seed}\n`);
  let state = seed >>> 0;
  const next = () => {
    // mulberry32
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return { below: (limit) => Math.floor(next() * limit) };
}
