/** What an execution is doing: one line a step. On a terminal the line of a running step counts the seconds; elsewhere nothing moves. */
import type { Frame } from '../frame.ts';
import type { StateEvent } from '../machines.ts';
import type { Paint } from './paint.ts';
import { secondsText } from '../../core/quantities.ts';

const REDRAW_MILLISECONDS = 500;

type Running = { since: Date; times: number; open: number; hasFailed: boolean; detail?: string | undefined };

export type Progress = { show(event: StateEvent): void; end(): void };

export const noProgress: Progress = { show: () => undefined, end: () => undefined };

export function stepProgress(frame: Frame, paint: Paint): Progress {
  const isLive = frame.stderr.isTTY === true && frame.environment['TERM'] !== 'dumb';
  const running = new Map<string, Running>();
  let isDrawn = false;

  const erase = () => {
    if (isDrawn) frame.stderr.write('\r\u001B[K');
    isDrawn = false;
  };
  const draw = () => {
    const newest = [...running].at(-1);
    if (!isLive || newest === undefined) return;
    const [state, step] = newest;
    const line = `  · ${title(state, step)} ${secondsText(seconds(step.since, frame.now()))}${step.detail === undefined ? '' : `, ${step.detail}`}`;
    frame.stderr.write(`\r\u001B[K${paint('dim', line.slice(0, (frame.stderr.columns ?? 80) - 1))}`);
    isDrawn = true;
  };
  const print = (line: string) => {
    erase();
    frame.stderr.write(`${line}\n`);
    draw();
  };

  const timer = isLive ? setInterval(draw, REDRAW_MILLISECONDS) : undefined;
  timer?.unref();

  return {
    show(event) {
      if (!event.isWork) return;
      const step = running.get(event.state);
      if (event.kind === 'entered') {
        if (step) {
          step.times++;
          step.open++;
        } else {
          running.set(event.state, { since: event.at, times: 1, open: 1, hasFailed: false });
          // Without a terminal a step that takes long must not look like a program that hangs.
          if (!isLive) print(`  · ${event.state}`);
        }
      } else if (event.kind === 'failed' && step) {
        step.hasFailed = true;
        step.detail = event.detail;
      } else if (event.kind === 'told') {
        print(`    ${event.detail ?? ''}`);
      } else if (event.kind === 'noted' && step) {
        step.detail = event.detail;
      } else if (event.kind === 'exited' && step) {
        step.open--;
        if (step.open > 0) return;
        running.delete(event.state);
        const mark = step.hasFailed ? paint('red', '✗') : paint('green', '✓');
        const why = step.hasFailed && step.detail !== undefined ? `: ${step.detail}` : '';
        print(`  ${mark} ${title(event.state, step)} ${paint('dim', secondsText(seconds(step.since, event.at)))}${why}`);
      }
      draw();
    },
    end() {
      clearInterval(timer);
      erase();
    },
  };
}

const title = (state: string, step: Running) => (step.times > 1 ? `${state} ×${step.times}` : state);
const seconds = (from: Date, to: Date) => Math.max(0, (to.getTime() - from.getTime()) / 1000);
