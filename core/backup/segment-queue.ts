/** What is still to be read. A piece that was taken is done, or comes back; the queue is at its end when all are done. */
export type WorkQueue<T> = {
  /** Waits while pieces that others have taken may come back. Undefined at the end. */
  take(): Promise<T | undefined>;
  done(): void;
  giveBack(piece: T): void;
  /** Whoever takes gets nothing anymore. */
  stop(): void;
};

export function workQueue<T>(pieces: readonly T[]): WorkQueue<T> {
  const left = [...pieces];
  const state = { open: pieces.length, isStopped: false };
  let waiting: (() => void)[] = [];
  const wake = () => {
    const woken = waiting;
    waiting = [];
    for (const each of woken) each();
  };
  return {
    async take() {
      while (!state.isStopped && state.open > 0) {
        const piece = left.shift();
        if (piece !== undefined) return piece;
        await new Promise<void>((resolve) => waiting.push(resolve));
      }
      return undefined;
    },
    done() {
      state.open -= 1;
      if (state.open === 0) wake();
    },
    giveBack(piece) {
      left.push(piece);
      wake();
    },
    stop() {
      state.isStopped = true;
      wake();
    },
  };
}
