/** How the demo speaks: stages as headings, what was done as ticks, and nothing when asked to be quiet. */
import type { Frame } from '../frame.ts';
import { painter, type Paint } from '../output/paint.ts';
import { noProgress, stepProgress, type Progress } from '../output/progress.ts';

export type Narrator = {
  frame: Frame;
  paint: Paint;
  say(text: string): void;
  stage(title: string): void;
  note(text: string): void;
  done(text: string): void;
  failed(text: string): void;
  /** Of one machine's steps. */
  progress(): Progress;
};

export function createNarrator(frame: Frame, isQuiet: boolean): Narrator {
  const paint = painter(frame.stderr, frame.environment);
  const say = (text: string) => void (isQuiet || frame.stderr.write(`${text}\n`));
  return {
    frame,
    paint,
    say,
    stage: (title) => say(`\n${paint('bold', title)}`),
    note: (text) => say(`  · ${text}`),
    done: (text) => say(`  ${paint('green', '✓')} ${text}`),
    failed: (text) => say(`  ${paint('red', '✗')} ${text}`),
    progress: () => (isQuiet ? noProgress : stepProgress(frame, paint)),
  };
}
