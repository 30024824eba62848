import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import type { Frame } from '../frame.ts';
import { rowsOnScreen } from './rows-on-screen.ts';

/** Nobody answers any more: ^C, ^D, a request to end, a terminal that is gone, or the end of the input. */
export class AnswersEnded extends Error {}

/** Asks on the terminal, one line at a time. */
export type Questions = {
  /** Whether somebody sits there, who can be asked again. */
  isAsked: boolean;
  /** Throws AnswersEnded. */
  ask(question: string): Promise<string>;
  tell(line: string): void;
  /** On a terminal the last question and what was typed are taken off the screen, however long they were, and this stands there instead. */
  replaceAnswer(line: string): void;
  close(): void;
};

export function openQuestions({ stdin, stderr, onInterrupt }: Pick<Frame, 'stdin' | 'stderr' | 'onInterrupt'>): Questions {
  const isAsked = 'isTTY' in stdin && stdin.isTTY === true;
  const isScreen = isAsked && stderr.isTTY === true;
  const lines: string[] = [];
  let waiting: { take: (line: string) => void; end: () => void } | undefined;
  let hasEnded = false;
  let shown = '';
  const end = () => {
    hasEnded = true;
    // What is told next must not stand behind the question.
    if (waiting) stderr.write('\n');
    waiting?.end();
    waiting = undefined;
  };
  // What is typed, scanned or pasted before it is asked for is shown nowhere: nothing would take it off the screen again.
  const echo = Object.assign(
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        if (waiting) stderr.write(chunk.toString());
        done();
      },
    }),
    { columns: stderr.columns },
  );
  const reader = createInterface({ input: stdin, ...(isScreen ? { output: echo } : {}), terminal: isScreen, historySize: 0 });
  reader.on('line', (line) => {
    const next = waiting;
    waiting = undefined;
    if (!next) {
      lines.push(line);
      return;
    }
    shown += line;
    next.take(line);
  });
  reader.on('close', end);
  reader.on('SIGINT', end);
  // Nobody puts a share aside with ^Z: it would stand on the screen of whoever sits down next.
  reader.on('SIGTSTP', () => undefined);
  const forget = onInterrupt(end, true);
  return {
    isAsked,
    ask(question) {
      shown = question;
      const line = lines.shift();
      if (line !== undefined || hasEnded) {
        stderr.write(isScreen || line === undefined ? `${question}\n` : question);
        return line === undefined ? Promise.reject(new AnswersEnded()) : Promise.resolve(line);
      }
      return new Promise((take, refuse) => {
        waiting = { take, end: () => refuse(new AnswersEnded()) };
        if (isScreen) {
          // A terminal may have been made wider or narrower since.
          echo.columns = stderr.columns;
          reader.setPrompt(question);
          reader.prompt(true);
        } else stderr.write(question);
      });
    },
    tell: (line) => void stderr.write(`${line}\n`),
    replaceAnswer(line) {
      stderr.write(isScreen ? `\u001b[${rowsOnScreen(shown, stderr.columns)}A\r\u001b[J${line}\n` : `${line}\n`);
      shown = '';
    },
    close() {
      forget();
      reader.close();
    },
  };
}
