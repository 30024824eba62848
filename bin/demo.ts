#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runDemoCommand } from '../cli/demo/command.ts';
import { processFrame } from '../cli/frame.ts';

const root = new URL('../', import.meta.url);
const { version } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8')) as { version: string };

process.exitCode = await runDemoCommand(processFrame(), { appDir: dirname(fileURLToPath(new URL('package.json', root))), version });
