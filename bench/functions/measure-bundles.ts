/** What each function's bundle weighs, and how long a fresh process takes to import it: the part of a cold start that is ours. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { bundleFolder, bundleFunctions } from '../../infra/bundle.ts';
import { HANDLERS } from '../../infra/handlers.ts';
import { lastLines, runProgram } from '../../local/processes/run.ts';
import { loadAverage } from '../measure/processes.ts';
import type { Result } from '../results.ts';

const IMPORTS = 9;
const TIMEOUT_MS = 30_000;
const TIMED = `const startedAt = performance.now(); await import(process.argv[1]); console.log(performance.now() - startedAt);`;

export async function measureBundles(save: (result: Omit<Result, 'run'>) => void, say: (text: string) => void): Promise<void> {
  say('Bundles');
  bundleFunctions();
  // In rounds, as everything else: what disturbs the machine disturbs all of them.
  for (let round = 0; round < IMPORTS; round++)
    for (const handler of HANDLERS) {
      const file = join(bundleFolder(handler), `${handler}.mjs`);
      const loadBefore = loadAverage();
      const env = { AWS_REGION: 'us-east-1', NODE_ENV: 'production' };
      const { code, stdout, stderr } = await runProgram(process.execPath, ['--input-type=module', '-e', TIMED, file], {
        env,
        timeoutMs: TIMEOUT_MS,
      });
      if (code !== 0) throw new Error(`The bundle of ${handler} could not be imported: ${lastLines(stderr, 1)}`);
      save({ work: 'bundle', of: handler, scale: 1, wallSeconds: Number(stdout) / 1000, bytes: statSync(file).size, loadBefore });
    }
}
