import type { Frame } from '../frame.ts';
import { bytesText, secondsText } from '../../core/quantities.ts';

const LIVE_MILLISECONDS = 500;
const CALM_MILLISECONDS = 10_000;

/** Bytes of a total, with rate and time left: one line that moves on a terminal, a line now and then elsewhere. */
export function startMeter(frame: Frame, what: string, totalBytes: number): { add(count: number): void; end(): void } {
  const isLive = frame.stderr.isTTY === true && frame.environment['TERM'] !== 'dumb';
  const startedAt = frame.now().getTime();
  let done = 0;
  const line = () => {
    const seconds = Math.max(0.001, (frame.now().getTime() - startedAt) / 1000);
    const rate = done / seconds;
    const left = done === 0 ? '' : `, ${secondsText((totalBytes - done) / rate)} left`;
    return `  ${what}: ${bytesText(done)} of ${bytesText(totalBytes)}, ${bytesText(rate)}/s${left}`;
  };
  const draw = () => frame.stderr.write(isLive ? `\r\u001B[K${line().slice(0, (frame.stderr.columns ?? 80) - 1)}` : `${line()}\n`);
  const timer = setInterval(draw, isLive ? LIVE_MILLISECONDS : CALM_MILLISECONDS);
  timer.unref();
  return {
    add(count) {
      done += count;
    },
    end() {
      clearInterval(timer);
      if (isLive) frame.stderr.write('\r\u001B[K');
    },
  };
}
