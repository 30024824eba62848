#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { processFrame } from '../cli/frame.ts';
import { runCommandLine } from '../cli/run.ts';
import { VERBS } from '../cli/verbs.ts';
import { watchOutput } from '../cli/watch-output.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };

const frame = processFrame();
process.exitCode = await watchOutput(frame, () => runCommandLine(frame, VERBS, version));
