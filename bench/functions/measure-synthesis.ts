/** How long `cdk synth` takes, bundling and CDK's own start included. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastLines, runProgram } from '../../local/processes/run.ts';
import { loadAverage } from '../measure/processes.ts';
import { APP_ROOT } from '../place.ts';
import type { Result } from '../results.ts';

const TIMEOUT_MS = 300_000;
const PLAN = 'plans/ida.yaml';

export async function measureSynthesis(
  rounds: number,
  path: string,
  save: (result: Omit<Result, 'run'>) => void,
  say: (text: string) => void,
): Promise<void> {
  const output = mkdtempSync(join(tmpdir(), 'holdfast-bench-synth-'));
  const ways = {
    app: ['bin/app.ts'],
    cli: [join('node_modules', '.bin', 'cdk'), 'synth', '--quiet', '--no-notices', '-c', `plan=${PLAN}`, '--output', output],
  };
  try {
    for (let round = 0; round < rounds; round++)
      for (const [of, args] of Object.entries(ways)) {
        const loadBefore = loadAverage();
        const startedAt = performance.now();
        // What the CLI tells the app of its context and of where to write.
        const env = {
          PATH: path,
          HOME: output,
          CDK_DISABLE_CLI_TELEMETRY: 'true',
          CDK_CONTEXT_JSON: JSON.stringify({ plan: PLAN }),
          CDK_OUTDIR: output,
        };
        const { code, stderr } = await runProgram(process.execPath, args, { env, cwd: APP_ROOT, timeoutMs: TIMEOUT_MS });
        if (code !== 0) throw new Error(`The synthesis failed: ${lastLines(stderr, 2)}`);
        const wallSeconds = (performance.now() - startedAt) / 1000;
        say(`  synthesis by the ${of}: ${wallSeconds.toFixed(1)} s`);
        save({ work: 'synthesis', of, scale: 1, wallSeconds, loadBefore });
      }
  } finally {
    rmSync(output, { recursive: true, force: true });
  }
}
