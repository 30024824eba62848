import { exitCode } from '../exit-codes.ts';
import type { Frame } from '../frame.ts';
import { describeFailure, failureText } from '../output/failure.ts';
import { painter } from '../output/paint.ts';
import { createNarrator } from './narrator.ts';
import { DEMO_HELP, parseDemoOptions, type DemoOptions } from './options.ts';
import { runDemo } from './run-demo.ts';

/** One run of the demo: from the words typed to an exit code. It never throws. */
export async function runDemoCommand(frame: Frame, fixed: Pick<DemoOptions, 'appDir' | 'version'>): Promise<number> {
  const interrupt = new AbortController();
  const removeHandler = frame.onInterrupt(() => interrupt.abort());
  try {
    const options = parseDemoOptions(frame.arguments, fixed);
    if (!options) {
      frame.stdout.write(DEMO_HELP);
      return exitCode('Done');
    }
    const { model, isGood } = await runDemo(options, createNarrator(frame, options.isQuiet), interrupt.signal);
    if (options.isJson) frame.stdout.write(`${JSON.stringify(model, null, 2)}\n`);
    return exitCode(isGood ? 'Done' : 'CheckFailed');
  } catch (error) {
    if (interrupt.signal.aborted) {
      frame.stderr.write('\nInterrupted: every server of the demo is ended, and nothing is left running.\n');
      return exitCode('Interrupted');
    }
    frame.stderr.write(`${failureText(error, painter(frame.stderr, frame.environment))}\n`);
    return describeFailure(error).exitCode;
  } finally {
    removeHandler();
  }
}
