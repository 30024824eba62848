/** The container of the application, seen from the runner: the files that infra/drill/application.sh tells of. */
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { waitForFile } from '../../../adapters/containers/wait-for-file.ts';
import { ApplicationUnavailable } from './errors.ts';

const THERE_TIMEOUT_SECONDS = 120;
const READ_TIMEOUT_SECONDS = 60;

/** @throws ApplicationUnavailable when it says nothing, as one whose image has no shell */
export async function awaitContainer(directory: string, signal: AbortSignal): Promise<void> {
  if (!(await waitForFile(directory, ['waiting'], { timeoutSeconds: THERE_TIMEOUT_SECONDS, signal })))
    throw new ApplicationUnavailable(`its container said nothing for ${THERE_TIMEOUT_SECONDS} s; does its image have sh?`);
}

/** The environment holds keys and passwords: it is there no longer than it takes to be read. Throws ApplicationUnavailable. */
export async function startProgram(directory: string, environment: string, signal: AbortSignal): Promise<void> {
  const file = join(directory, 'environment');
  try {
    await writeWhole(directory, 'environment', environment);
    await writeWhole(directory, 'start', '');
    if (!(await waitForFile(directory, ['started', 'ended'], { timeoutSeconds: READ_TIMEOUT_SECONDS, signal })))
      throw new ApplicationUnavailable('its container did not read its environment');
  } finally {
    await rm(file, { force: true });
  }
}

/** Its exit code, once it has ended by itself; undefined while it runs. */
export async function exitCodeOf(directory: string): Promise<string | undefined> {
  const ended = await waitForFile(directory, ['ended'], { timeoutSeconds: 0, signal: AbortSignal.any([]) });
  // Whatever runs in that container may write there as well.
  return ended && (/^\d{1,3}$/.exec(ended.text.trim())?.[0] ?? 'unknown');
}

/** False when the container did not say that it ended in time: it ends with the task in any case. */
export async function endProgram(directory: string, timeoutSeconds: number): Promise<boolean> {
  await rm(join(directory, 'environment'), { force: true });
  await writeWhole(directory, 'stop', '');
  return (await waitForFile(directory, ['ended'], { timeoutSeconds, signal: AbortSignal.any([]) })) !== undefined;
}

async function writeWhole(directory: string, name: string, text: string): Promise<void> {
  // The container's user is another one, and no other container has this directory.
  await writeFile(join(directory, `.${name}`), text, { mode: 0o644 });
  await rename(join(directory, `.${name}`), join(directory, name));
}
