/** Containers of one task speak by small files in a directory that they share; each is written whole, then named. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MILLISECONDS = 50;
const LONGEST_BYTES = 4096;

/** The first of the files that is there, with its text; undefined when none comes in time. */
export async function waitForFile(
  directory: string,
  names: readonly string[],
  { timeoutSeconds, signal }: { timeoutSeconds: number; signal: AbortSignal },
) {
  const until = performance.now() + timeoutSeconds * 1000;
  for (;;) {
    for (const name of names) {
      const text = await readSmallFile(join(directory, name));
      if (text !== undefined) return { name, text };
    }
    if (performance.now() >= until) return undefined;
    await sleep(POLL_MILLISECONDS, undefined, { signal });
  }
}

/** What runs beside the other container may write in this directory too: what is no small plain file is no answer. */
async function readSmallFile(file: string): Promise<string | undefined> {
  const found = await stat(file).catch(() => undefined);
  if (!found?.isFile() || found.size > LONGEST_BYTES) return undefined;
  return readFile(file, 'utf8').catch(() => undefined);
}
