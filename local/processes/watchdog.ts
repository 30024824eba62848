/**
 * Ends what a dead process left behind. It reads instructions from its standard input, which the process that it guards holds open:
 * when that closes, by a clean exit or by SIGKILL, every process group still registered is stopped and every directory removed.
 * It runs in a session of its own, so a Ctrl-C in the terminal does not take it first.
 */
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

const GRACE_MS = 3_000;
const POLL_MS = 50;

/** Process group id → the signal that asks it to stop. */
const groups = new Map<number, NodeJS.Signals>();
const directories = new Set<string>();

function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-group, signal);
    return true;
  } catch {
    // The group is gone: that is what this program is for.
    return false;
  }
}

async function cleanUp(): Promise<void> {
  for (const [group, signal] of groups) signalGroup(group, signal);
  const deadline = Date.now() + GRACE_MS;
  while ([...groups.keys()].some((group) => signalGroup(group, 0)) && Date.now() < deadline) await sleep(POLL_MS);
  for (const group of groups.keys()) signalGroup(group, 'SIGKILL');
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
}

process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});

for await (const line of createInterface({ input: process.stdin })) {
  const [verb, subject = '', signal] = line.split('\t');
  if (verb === 'watch') groups.set(Number(subject), (signal ?? 'SIGTERM') as NodeJS.Signals);
  if (verb === 'release') groups.delete(Number(subject));
  if (verb === 'remove') directories.add(subject);
  if (verb === 'removed') directories.delete(subject);
}
await cleanUp();
