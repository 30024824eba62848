#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { processFrame } from '../cli/frame.ts';
import { runCommandLine } from '../cli/run.ts';
import { VERBS } from '../cli/verbs.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };

// Who reads no further, as `head` does, has what it wanted: what is under way goes on, and ends with its own exit code.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});
process.exitCode = await runCommandLine(processFrame(), VERBS, version);
