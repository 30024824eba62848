/** What surrounds a run of the command line: streams, environment, clock, signals. The only way a verb gets at them. */
type Stream = { write(text: string): unknown; isTTY?: boolean | undefined; columns?: number | undefined };

export type Frame = {
  arguments: readonly string[];
  environment: Record<string, string | undefined>;
  workingDirectory: string;
  /** What is typed or piped; looked at by verbs that ask. */
  readonly stdin: NodeJS.ReadableStream;
  stdout: Stream & NodeJS.WritableStream;
  stderr: Stream & NodeJS.WritableStream;
  now(): Date;
  /**
   * Calls `handler` on ^C and on a request to end, instead of ending; the answer removes it.
   * @param orHangUp when the terminal goes, too: where somebody is asked, or a secret is to be destroyed. Elsewhere that is left as it
   *   is, for `nohup`
   */
  onInterrupt(handler: () => void, orHangUp?: boolean): () => void;
};

const ENDINGS = ['SIGINT', 'SIGTERM'] as const;
const HANG_UP = 'SIGHUP';

export const processFrame = (): Frame => ({
  arguments: process.argv.slice(2),
  environment: process.env,
  workingDirectory: process.cwd(),
  // Not before it is needed: what has touched its input waits for it to end.
  get stdin() {
    return process.stdin;
  },
  stdout: process.stdout,
  stderr: process.stderr,
  now: () => new Date(),
  onInterrupt(handler, orHangUp = false) {
    const signals = orHangUp ? [...ENDINGS, HANG_UP] : ENDINGS;
    for (const signal of signals) process.on(signal, handler);
    return () => {
      for (const signal of signals) process.off(signal, handler);
    };
  },
});
