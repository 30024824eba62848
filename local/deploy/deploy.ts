/** Deploys a plan into the emulator: bootstrap of its regions, deploy of its stacks, and then what the emulator left out of them. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ProtectionPlan } from '../../core/plan/schema.ts';
import { stackName } from '../../core/names.ts';
import { placeIn, type LocalPlace } from '../run/place.ts';
import { runCdk, type CdkOptions } from './cdk.ts';
import { completeDeployment } from './complete.ts';

export type DeployOptions = Omit<CdkOptions, 'logFile'> & {
  /** `.holdfast` of the checkout. */
  directory: string;
  plan: ProtectionPlan;
  planPath: string;
  /** Whether the regions have the CDK's own stack already. */
  isBootstrapped?: boolean;
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
  const replicaPlace = placeIn(place, plan.replica.account);
  await Promise.all([
    runCdk(['synth', '--quiet', '--all', ...context, '--output', output], cdk),
    ...(options.isBootstrapped ? [] : [bootstrapRegions(options)]),
  ]);
  const deploy = (at: LocalPlace, stacks: string[]) =>
    runCdk(['deploy', ...stacks, '--require-approval', 'never', '--progress', 'events', '--app', output], { ...cdk, place: at });
  if (replicaPlace === place) await deploy(place, ['--all']);
  else {
    // Nothing of one stack refers to another: the order is that of an ordinary deployment, by whoever may deploy into each account.
    const stack = (part: Parameters<typeof stackName>[1]) => stackName(plan.system, part);
    await deploy(replicaPlace, ['--exclusively', stack('replica-vault'), `${stack('recovery')}*`]);
    await deploy(place, ['--exclusively', stack('vault'), `${stack('pipeline')}*`]);
  }
  for (const line of await completeDeployment({ place, plan, output })) options.onCompleted?.(line);
}

/** Gives the regions of a plan the CDK's own stack. Not at once with another bootstrap of the same region: the two undo each other's. */
export async function bootstrapRegions(options: DeployOptions): Promise<void> {
  const { place, plan, directory } = options;
  const logDirectory = join(directory, 'log');
  mkdirSync(logDirectory, { recursive: true });
  const replicaPlace = placeIn(place, plan.replica.account);
  const bootstrap = (at: LocalPlace, regions: string[]) =>
    runCdk(['bootstrap', ...new Set(regions.map((region) => `aws://${at.accountId}/${region}`))], {
      ...options,
      logFile: join(logDirectory, `bootstrap-${at.accountId}.log`),
      place: at,
      from: 'elsewhere',
    });
  if (replicaPlace === place) return bootstrap(place, [plan.home.region, plan.replica.region]);
  await Promise.all([bootstrap(place, [plan.home.region]), bootstrap(replicaPlace, [plan.replica.region])]);
}
