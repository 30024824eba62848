import { createInterface } from 'node:readline';
import type { Frame } from '../frame.ts';

/** Nobody answers any more: ^C, a request to end, a terminal that is gone, or the end of the input. */
export class AnswersEnded extends Error {}

/** Asks on the terminal, one line at a time. */
export type Questions = {
  /** Throws AnswersEnded. */
  ask(question: string): Promise<string>;
  tell(line: string): void;
  /** On a terminal what was typed last is taken off the screen, and this stands there instead. */
  replaceAnswer(line: string): void;
  close(): void;
};

export function openQuestions({ stdin, stderr, onInterrupt }: Pick<Frame, 'stdin' | 'stderr' | 'onInterrupt'>): Questions {
  const lines: string[] = [];
  const waiting: { take: (line: string) => void; end: () => void }[] = [];
  let hasEnded = false;
  const end = () => {
    hasEnded = true;
    for (const { end: refuse } of waiting.splice(0)) refuse();
  };
  const reader = createInterface({ input: stdin, terminal: false });
  reader.on('line', (line) => {
    const next = waiting.shift();
    if (next) next.take(line);
    else lines.push(line);
  });
  reader.on('close', end);
  const forget = onInterrupt(end, true);
  return {
    ask(question) {
      stderr.write(question);
      const line = lines.shift();
      if (line !== undefined) return Promise.resolve(line);
      if (hasEnded) return Promise.reject(new AnswersEnded());
      return new Promise((take, refuse) => waiting.push({ take, end: () => refuse(new AnswersEnded()) }));
    },
    tell: (line) => void stderr.write(`${line}\n`),
    replaceAnswer: (line) => void stderr.write(stderr.isTTY === true ? `\u001b[1A\u001b[2K${line}\n` : `${line}\n`),
    close() {
      forget();
      reader.close();
    },
  };
}
