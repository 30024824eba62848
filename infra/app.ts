/** Composition: one plan, four stacks, and numbered ones for what belongs to single assets. `bin/app.ts` hands in the App; tests hand in one of their own. */
import { readFileSync } from 'node:fs';
import { Aws, DefaultStackSynthesizer, Tags, type App, type Stack } from 'aws-cdk-lib';
import { ManagedPolicy, PermissionsBoundary } from 'aws-cdk-lib/aws-iam';
import { assetStackOf } from '../core/plan/asset-stack.ts';
import { parseDeployablePlan } from '../core/plan/load-deployable.ts';
import { adaptToEmulator, EMULATED_ACCOUNT } from './emulator.ts';
import { PipelineAssetsStack } from './pipeline/assets-stack.ts';
import { PipelineStack } from './pipeline/stack.ts';
import { RecoveryAssetsStack } from './recovery/assets-stack.ts';
import { RecoveryStack } from './recovery/stack.ts';
import { ReplicaVaultStack } from './replica/stack.ts';
import { readSettings } from './settings.ts';
import { describeSystem, type Site } from './system.ts';
import { VaultStack } from './vault/stack.ts';

export type SystemStacks = {
  vault: VaultStack;
  replicaVault: ReplicaVaultStack;
  pipeline: PipelineStack;
  recovery: RecoveryStack;
  /** Beside the pipeline, and beside the recovery. */
  pipelineAssets: PipelineAssetsStack[];
  recoveryAssets: RecoveryAssetsStack[];
};

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
  const numbered = [...Map.groupBy(plan.assets, ({ id }) => assetStackOf(id))].toSorted(([a], [b]) => a - b);
  const pipelineAssets = numbered.map(
    ([number, assets]) => new PipelineAssetsStack(app, system, settings, { ...at(system.home), number, assets }),
  );
  const recoveryAssets = numbered.flatMap(([number, assets]) => {
    const databases = assets.filter(({ kind }) => kind === 'postgres').map(({ id }) => id);
    const own = { ...at(system.replica), number, assets: new Set(databases) };
    return databases.length === 0 ? [] : [new RecoveryAssetsStack(app, system, settings, own)];
  });
  // Order of deployment only: nothing of one stack is referred to in another.
  pipeline.addStackDependency(vault);
  pipeline.addStackDependency(replicaVault);
  recovery.addStackDependency(replicaVault);
  for (const stack of pipelineAssets) stack.addStackDependency(pipeline);
  for (const stack of recoveryAssets) stack.addStackDependency(recovery);

  for (const [name, value] of Object.entries({ 'holdfast:system': system.name, ...settings.tags })) Tags.of(app).add(name, value);
  if (settings.permissionsBoundary !== undefined)
    for (const stack of [vault, replicaVault, pipeline, recovery, ...pipelineAssets, ...recoveryAssets])
      bound(stack, settings.permissionsBoundary);
  if (settings.emulator !== undefined) adaptToEmulator(app);
  return { vault, replicaVault, pipeline, recovery, pipelineAssets, recoveryAssets };
}

function bound(stack: Stack, policy: string): void {
  const found = policy.startsWith('arn:')
    ? ManagedPolicy.fromManagedPolicyArn(stack, 'PermissionsBoundary', policy)
    : ManagedPolicy.fromManagedPolicyName(stack, 'PermissionsBoundary', policy);
  PermissionsBoundary.of(stack).apply(found);
}
