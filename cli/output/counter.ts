import type { Frame } from '../frame.ts';
import { bytesText, plural } from '../../core/quantities.ts';

const LIVE_MILLISECONDS = 500;
const CALM_MILLISECONDS = 10_000;

export type Counted = { points: number; records: number; bytes: number; asset?: string };

/** What was checked so far, of a total that nobody knows: one line that moves on a terminal, a line now and then elsewhere. */
export function startCounter(frame: Frame): { show(counted: Counted): void; end(): void } {
  const isLive = frame.stderr.isTTY === true && frame.environment['TERM'] !== 'dumb';
  let now: Counted = { points: 0, records: 0, bytes: 0 };
  const draw = () => {
    const of = now.asset === undefined ? '' : ` of ${now.asset}`;
    const line = `  Checking: ${plural(now.points, 'point')}${of}, ${plural(now.records, 'record')}, ${bytesText(now.bytes)}`;
    frame.stderr.write(isLive ? `\r\u001B[K${line.slice(0, (frame.stderr.columns ?? 80) - 1)}` : `${line}\n`);
  };
  const timer = setInterval(draw, isLive ? LIVE_MILLISECONDS : CALM_MILLISECONDS);
  timer.unref();
  return {
    show(counted) {
      now = { ...counted };
    },
    end() {
      clearInterval(timer);
      if (isLive) frame.stderr.write('\r\u001B[K');
    },
  };
}
