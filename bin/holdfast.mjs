#!/usr/bin/env node
// TypeScript as it stands is run by Node 24; whatever older one a shell finds says so here, in place of an error about a file's name.
import process from 'node:process';

const NEEDED = 24;
const major = Number(process.versions.node.split('.')[0]);
if (major < NEEDED) {
  process.stderr.write(
    `holdfast needs Node ${NEEDED}, and this is ${process.versions.node}: call it as \`npx holdfast\`, which brings its own\n`,
  );
  process.exitCode = 78;
} else await import('./holdfast.ts');
