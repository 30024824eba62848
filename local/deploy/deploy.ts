/** Deploys a plan into the emulator: bootstrap of its regions, deploy of its stacks, and then what the emulator left out of them. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ProtectionPlan } from '../../core/plan/schema.ts';
import { runCdk, type CdkOptions } from './cdk.ts';
import { completeDeployment } from './complete.ts';

export type DeployOptions = Omit<CdkOptions, 'logFile'> & {
  /** `.holdfast` of the checkout. */
  directory: string;
  plan: ProtectionPlan;
  planPath: string;
  /** One line per thing that was set by API because the emulator's CloudFormation drops it. */
  onCompleted?: (line: string) => void;
};

/** No image is pulled on one machine; the app takes nothing but a digest. */
const IMAGE = `holdfast.local/holdfast@sha256:${'0'.repeat(64)}`;

export async function deployPlan(options: DeployOptions): Promise<void> {
  const { place, plan, directory } = options;
  mkdirSync(join(directory, 'log'), { recursive: true });
  const cdk = { ...options, logFile: join(directory, 'log', 'cdk.log') };
  const output = join(directory, 'cdk.out');
  rmSync(output, { recursive: true, force: true });
  const context = ['-c', `plan=${options.planPath}`, '-c', 'emulator=ministack', '-c', `image=${IMAGE}`];
  const regions = [...new Set([plan.home.region, plan.replica.region])].map((region) => `aws://${place.accountId}/${region}`);
  await Promise.all([
    runCdk(['synth', '--quiet', '--all', ...context, '--output', output], cdk),
    runCdk(['bootstrap', ...regions], { ...cdk, from: 'elsewhere' }),
  ]);
  await runCdk(['deploy', '--all', '--require-approval', 'never', '--progress', 'events', '--app', output], cdk);
  for (const line of await completeDeployment({ place, plan, output })) options.onCompleted?.(line);
}
