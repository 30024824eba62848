/** How the demo speaks: stages as headings, what was done as ticks, and only the end when asked to be quiet. */
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
  /** What a person who asked for quiet wants to know all the same: what came of it. */
  end(text: string): void;
  /** Of one machine's steps. */
  progress(): Progress;
};

export function createNarrator(frame: Frame, isQuiet: boolean): Narrator {
  const paint = painter(frame.stderr, frame.environment);
  const end = (text: string) => void frame.stderr.write(`${text}\n`);
  const say = (text: string) => {
    if (!isQuiet) end(text);
  };
  return {
    frame,
    paint,
    say,
    stage: (title) => say(`\n${paint('bold', title)}`),
    note: (text) => say(`  · ${text}`),
    done: (text) => say(`  ${paint('green', '✓')} ${text}`),
    failed: (text) => end(`  ${paint('red', '✗')} ${text}`),
    end,
    progress: () => (isQuiet ? noProgress : stepProgress(frame, paint)),
  };
}
