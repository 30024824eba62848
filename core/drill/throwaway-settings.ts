/**
 * What runner and database container of a drill say to one another, by files in the directory that they share. The reader of the
 * settings is a shell script, so they are numbers only: nothing of a dump's making reaches a shell.
 */
export type ThrowawaySettings = { memoryMiB: number; jobs: number };

export const writeSettings = (settings: ThrowawaySettings): string => `memoryMiB=${settings.memoryMiB}\njobs=${settings.jobs}\n`;

/** Why the container has no server (any more): it did not start, its disk is full, or it ended by itself. */
export type ThrowawayFailure = { reason: 'start' | 'disk' | 'died'; message: string };

export function readFailure(text: string): ThrowawayFailure {
  const [first = '', ...rest] = text.trim().split(' ');
  const reason = first === 'start' || first === 'disk' ? first : 'died';
  return { reason, message: rest.join(' ') };
}

export type ThrowawayReady = { serverVersion: string; freeBytes: number };

/** Undefined when the text is not what database.sh writes. */
export function readReady(text: string): ThrowawayReady | undefined {
  const found = /^version=(\S+)[^\n]*\nfreeKiB=(\d+)\s*$/.exec(text);
  return found?.[1] && found[2] ? { serverVersion: found[1], freeBytes: Number(found[2]) * 1024 } : undefined;
}
