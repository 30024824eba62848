/** Composition: one plan, four stacks. `bin/app.ts` hands in the App; tests hand in one of their own. */
import { readFileSync } from 'node:fs';
import { Aws, DefaultStackSynthesizer, Tags, type App, type Stack } from 'aws-cdk-lib';
import { ManagedPolicy, PermissionsBoundary } from 'aws-cdk-lib/aws-iam';
import { parseDeployablePlan } from '../core/plan/load-deployable.ts';
import { adaptToEmulator, EMULATED_ACCOUNT } from './emulator.ts';
import { PipelineStack } from './pipeline/stack.ts';
import { RecoveryStack } from './recovery/stack.ts';
import { ReplicaVaultStack } from './replica/stack.ts';
import { readSettings } from './settings.ts';
import { describeSystem, type Site } from './system.ts';
import { VaultStack } from './vault/stack.ts';

export type SystemStacks = { vault: VaultStack; replicaVault: ReplicaVaultStack; pipeline: PipelineStack; recovery: RecoveryStack };

/** @param deployedAccount account of the CLI's credentials, for a plan that names none; undefined without credentials */
export function composeApp(app: App, deployedAccount: string | undefined, now: Date): SystemStacks {
  const settings = readSettings(app.node);
  const plan = parseDeployablePlan(readFileSync(settings.plan, 'utf8'), settings.plan, now);
  const account = settings.emulator === undefined ? deployedAccount : EMULATED_ACCOUNT;
  const system = describeSystem(plan, account ?? Aws.ACCOUNT_ID);
  const at = ({ account, region }: Site) => ({
    env: { ...(account === Aws.ACCOUNT_ID ? {} : { account }), region },
    synthesizer: new DefaultStackSynthesizer({ qualifier: settings.qualifier }),
  });

  const vault = new VaultStack(app, system, settings, at(system.home));
  const replicaVault = new ReplicaVaultStack(app, system, settings, at(system.replica));
  const pipeline = new PipelineStack(app, system, settings, { ...at(system.home), vault });
  const recovery = new RecoveryStack(app, system, settings, { ...at(system.replica), vault: replicaVault });
  // Order of deployment only: nothing of one stack is referred to in another.
  pipeline.addStackDependency(vault);
  pipeline.addStackDependency(replicaVault);
  recovery.addStackDependency(replicaVault);

  for (const [name, value] of Object.entries({ 'holdfast:system': system.name, ...settings.tags })) Tags.of(app).add(name, value);
  if (settings.permissionsBoundary !== undefined)
    for (const stack of [vault, replicaVault, pipeline, recovery]) bound(stack, settings.permissionsBoundary);
  if (settings.emulator !== undefined) adaptToEmulator(app);
  return { vault, replicaVault, pipeline, recovery };
}

function bound(stack: Stack, policy: string): void {
  const found = policy.startsWith('arn:')
    ? ManagedPolicy.fromManagedPolicyArn(stack, 'PermissionsBoundary', policy)
    : ManagedPolicy.fromManagedPolicyName(stack, 'PermissionsBoundary', policy);
  PermissionsBoundary.of(stack).apply(found);
}
