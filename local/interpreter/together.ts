/** Iterations and branches, beside each other. */

/** The reason that the others are ended for. */
export class SiblingFailed extends Error {
  constructor() {
    super('Another branch or iteration of the same state failed');
    this.name = 'SiblingFailed';
  }
}

/**
 * Runs `jobs`, at most `limit` at a time, and resolves with their results in order. The first failure ends the others; it is thrown
 * once all that were running have settled.
 */
export async function runTogether<T>(
  jobs: readonly ((signal: AbortSignal) => Promise<T>)[],
  limit: number,
  outer: AbortSignal,
): Promise<T[]> {
  const own = new AbortController();
  const signal = AbortSignal.any([outer, own.signal]);
  const results: T[] = [];
  let failure: { error: unknown } | undefined;
  const remaining = jobs.entries();
  const work = async () => {
    for (const [index, job] of remaining) {
      if (signal.aborted) return;
      try {
        results[index] = await job(signal);
      } catch (error) {
        failure ??= { error };
        own.abort(new SiblingFailed());
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, jobs.length) }, work));
  outer.throwIfAborted();
  if (failure) throw failure.error;
  return results;
}
