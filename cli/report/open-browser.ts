import { spawn } from 'node:child_process';
import { platform } from 'node:os';
import type { Frame } from '../frame.ts';

const OPENERS: Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
  linux: ['xdg-open'],
};

/** Only where a person sits before it: in a pipe or a script the link is the answer. Nothing is said where no browser can be started. */
export function openBrowser(url: string, { stdout, environment }: Frame): void {
  const [program, ...words] = OPENERS[platform()] ?? [];
  if (program === undefined || stdout.isTTY !== true || environment['SSH_CONNECTION'] !== undefined) return;
  const child = spawn(program, [...words, url], { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
}
