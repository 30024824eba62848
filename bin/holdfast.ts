#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { processFrame } from '../cli/frame.ts';
import { runCommandLine } from '../cli/run.ts';
import { VERBS } from '../cli/verbs.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };

process.exitCode = await runCommandLine(processFrame(), VERBS, version);
