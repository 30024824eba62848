/** The app's templates, synthesized in this process. Run as a program, it writes them as JSON: `<plan> <context as JSON> <file>`. */
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { App } from 'aws-cdk-lib';
import { composeApp } from '../../infra/app.ts';
import { bundleFunctions } from '../../infra/bundle.ts';
import type { Synthesized, Template } from './synthesized.ts';

/** The plans are looked at from here; a test of the plans themselves looks at them from later dates too. */
const NOW = new Date('2026-11-21T00:00:00Z');

/** CDK's own check of templates takes longer than their synthesis; the test that runs the CLI has it on. */
process.env['CDK_VALIDATION'] = 'false';

bundleFunctions();

/** @param plan name of a shipped plan, or path of a file */
export function synthesizeHere(plan: string, context: Record<string, unknown> = {}): Synthesized & { app: App } {
  const outdir = mkdtempSync(join(tmpdir(), 'holdfast-synth-'));
  const file = plan.includes('/') ? plan : `plans/${plan}.yaml`;
  const app = new App({ outdir, analyticsReporting: false, context: { plan: file, 'aws:cdk:disable-asset-staging': true, ...context } });
  try {
    const stacks = composeApp(app, undefined, NOW);
    const assembly = app.synth();
    const template = (stack: { stackName: string }) => assembly.getStackByName(stack.stackName).template as Template;
    const { vault, replicaVault, pipeline, recovery, pipelineAssets, recoveryAssets } = stacks;
    const all = [vault, replicaVault, pipeline, recovery, ...pipelineAssets, ...recoveryAssets];
    return {
      app,
      vault: template(vault),
      replicaVault: template(replicaVault),
      pipeline: together([pipeline, ...pipelineAssets].map(template)),
      recovery: together([recovery, ...recoveryAssets].map(template)),
      stacks: Object.fromEntries(all.map((stack) => [stack.stackName, template(stack)])),
    };
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

const together = (templates: Template[]): Template => ({
  Resources: Object.assign({}, ...templates.map(({ Resources }) => Resources)) as Template['Resources'],
  Outputs: Object.assign({}, ...templates.map(({ Outputs }) => Outputs)) as NonNullable<Template['Outputs']>,
});

/** Whole, or not at all: others may read it at any time. */
export function writeSynthesis(file: string, { vault, replicaVault, pipeline, recovery, stacks }: Synthesized): void {
  const whole = `${file}.${process.pid}`;
  writeFileSync(whole, JSON.stringify({ vault, replicaVault, pipeline, recovery, stacks }));
  renameSync(whole, file);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [plan = '', context = '{}', file = ''] = process.argv.slice(2);
  writeSynthesis(file, synthesizeHere(plan, JSON.parse(context) as Record<string, unknown>));
}
