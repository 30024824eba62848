/** `npm run bench`: what a backup, a restore and all around them cost, beside the tools that people use. */
import { runBench } from './run-bench.ts';
import { readOptions } from './options.ts';

process.exitCode = await runBench(readOptions(process.argv.slice(2)), { environment: process.env, say: (text) => console.log(text) });
