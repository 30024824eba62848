/** Values from callbacks as an async iterable, for one reader. Bounded by whoever sends: a thread has only so many parts. */
export type Channel<T> = AsyncIterable<T> & {
  push(value: T): void;
  end(): void;
  /** Whoever reads gets the error once, instead of what has not been read. */
  fail(error: unknown): void;
};

export function channel<T>(): Channel<T> {
  const values: T[] = [];
  let state: { kind: 'open' } | { kind: 'ended' } | { kind: 'failed'; error: unknown } = { kind: 'open' };
  let wake: () => void = () => undefined;
  const settle = (next: typeof state) => {
    if (state.kind === 'open') state = next;
    wake();
  };
  return {
    push(value) {
      values.push(value);
      wake();
    },
    end: () => settle({ kind: 'ended' }),
    fail: (error) => settle({ kind: 'failed', error }),
    async *[Symbol.asyncIterator]() {
      for (;;) {
        if (state.kind === 'failed') throw state.error;
        const value = values.shift();
        if (value !== undefined) yield value;
        else if (state.kind === 'ended') return;
        else {
          const { promise, resolve } = Promise.withResolvers<void>();
          wake = resolve;
          await promise;
        }
      }
    },
  };
}
