/** An answer that could not be written is none: who keeps it in a file must not take the exit code for what was found. */
import { asksForJson, tellFailure } from './run.ts';
import { OutputLost } from './errors.ts';
import type { Frame } from './frame.ts';

/** Answers with the exit code of `run`, or of OutputLost. It never throws. */
export async function watchOutput(frame: Frame, run: () => Promise<number>): Promise<number> {
  let lost: NodeJS.ErrnoException | undefined;
  // Who reads no further, as `head` does, has what it wanted: what is under way goes on, and ends with its own exit code.
  frame.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') lost ??= error;
  });
  // There is nobody left to tell.
  frame.stderr.on('error', () => undefined);
  const code = await run();
  // What was written last may fail a little later.
  await new Promise<void>((resolve) => frame.stdout.write('', () => resolve()));
  return lost === undefined ? code : tellFailure(frame, new OutputLost(lost), asksForJson(frame.arguments));
}
