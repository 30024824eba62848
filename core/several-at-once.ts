/**
 * Does the same work for many things, at most `count` of them at once, taken in their order. The first error stops the others:
 * `stop` aborts, and the error is thrown when all of them have ended.
 */
export async function severalAtOnce<T>(
  things: Iterable<T>,
  count: number,
  work: (thing: T, stop: AbortSignal) => Promise<void>,
): Promise<void> {
  const stopping = new AbortController();
  const rest = things[Symbol.iterator]();
  const failures: unknown[] = [];
  const workOn = async () => {
    try {
      for (let next = rest.next(); !next.done && failures.length === 0; next = rest.next()) await work(next.value, stopping.signal);
    } catch (error) {
      failures.push(error);
      stopping.abort(error);
    }
  };
  await Promise.all(Array.from({ length: count }, workOn));
  if (failures.length > 0) throw failures[0];
}

/** The same with an answer for each, in the order of the things. */
export async function mapSeveralAtOnce<T, R>(things: readonly T[], count: number, work: (thing: T) => Promise<R>): Promise<R[]> {
  const answers: R[] = [];
  await severalAtOnce(things.entries(), count, async ([index, thing]) => {
    answers[index] = await work(thing);
  });
  return answers;
}
