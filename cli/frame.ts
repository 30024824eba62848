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
  /** Calls `handler` on ^C and on a request to end, instead of ending; the answer removes it. */
  onInterrupt(handler: () => void): () => void;
};

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
  onInterrupt(handler) {
    process.on('SIGINT', handler);
    process.on('SIGTERM', handler);
    return () => {
      process.off('SIGINT', handler);
      process.off('SIGTERM', handler);
    };
  },
});
