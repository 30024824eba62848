/** Asks an application until all is well, or until each of its probes had the time that the plan gives it. */
import { createConnection } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { probeHttp, probeLogin, type Account } from '../../../adapters/http/probe.ts';
import { LOOPBACK } from '../../../adapters/postgres/loopback-door.ts';
import { judgeStart, probesOf } from '../../../core/drill/application.ts';
import type { CheckResult } from '../../../core/drill/contract.ts';
import { durationSeconds } from '../../../core/plan/durations.ts';
import type { Application } from '../../../core/plan/schema-application.ts';

const PAUSE_MILLISECONDS = 500;

export type AskPorts = {
  monotonicSeconds: () => number;
  /** Undefined when it cannot be read. */
  readAccount: (secret: string) => Promise<Account | undefined>;
  /** What the application ended with, once it has. */
  exitCode: () => Promise<string | undefined>;
};

export async function askApplication(application: Application, ports: AskPorts, signal: AbortSignal): Promise<CheckResult[]> {
  const { probes, logins } = probesOf(application);
  const began = ports.monotonicSeconds();
  const elapsed = () => ports.monotonicSeconds() - began;
  const longest = Math.max(...[...probes, ...logins].map(({ within }) => durationSeconds(within)));
  const start = await awaitStart(application.port, longest, { ...ports, elapsed }, signal);
  const asked = [
    ...probes.map((probe) => ({ within: durationSeconds(probe.within), ask: () => probeHttp(probe) })),
    ...logins.map((login) => ({
      within: durationSeconds(login.within),
      ask: async () => probeLogin(login, await ports.readAccount(login.secret)),
    })),
  ];
  if (start.outcome === 'failed') return [start];
  const listening = elapsed();
  const results = await Promise.all(
    asked.map(async ({ within, ask }) => {
      for (;;) {
        signal.throwIfAborted();
        const result = await ask();
        if (result.outcome === 'passed' || elapsed() - listening >= within || (await ports.exitCode()) !== undefined) return result;
        await sleep(PAUSE_MILLISECONDS, undefined, { signal });
      }
    }),
  );
  return [start, ...results];
}

async function awaitStart(
  port: number,
  longestSeconds: number,
  { elapsed, exitCode }: Pick<AskPorts, 'exitCode'> & { elapsed: () => number },
  signal: AbortSignal,
): Promise<CheckResult> {
  for (;;) {
    signal.throwIfAborted();
    if (await isListening(port)) return judgeStart(port, { seconds: elapsed() });
    const code = await exitCode();
    if (code !== undefined) return judgeStart(port, { problem: `it ended by itself, with exit code ${code}` });
    if (elapsed() >= longestSeconds) return judgeStart(port, { problem: `nothing listens there after ${Math.round(longestSeconds)} s` });
    await sleep(PAUSE_MILLISECONDS, undefined, { signal });
  }
}

export const isListening = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createConnection({ host: LOOPBACK, port });
    socket.once('connect', () => (socket.destroy(), resolve(true)));
    socket.once('error', () => resolve(false));
  });
