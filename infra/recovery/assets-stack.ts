import { RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { CfnLogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { z } from 'zod';
import type { DrillInput } from '../../core/drill/contract.ts';
import { assetStackName } from '../../core/names.ts';
import type { PostgresAsset } from '../../core/plan/schema-assets.ts';
import { makeDrillTask } from '../drill/task.ts';
import { makeImages } from '../image.ts';
import { makeSchedule } from '../pipeline/schedules.ts';
import { makeRestoreTask } from '../restore/task.ts';
import type { Settings } from '../settings.ts';
import type { System } from '../system.ts';
import { recoverySystem } from './system.ts';

/** What the second region has of single assets. It is deployed after the recovery, whose machine the schedules start. */
export class RecoveryAssetsStack extends Stack {
  /** @param atHome the system as the home region has it */
  constructor(scope: Construct, atHome: System, settings: Settings, props: StackProps & { number: number; assets: ReadonlySet<string> }) {
    const { number, assets, ...rest } = props;
    const system = recoverySystem(atHome);
    const stackName = assetStackName(system.name, number, 'replica');
    super(scope, stackName, {
      ...rest,
      stackName,
      suppressTemplateIndentation: true,
      description: `Holdfast ${system.name}: drills and restores of single assets from the replica`,
    });
    const databases = system.postgresAssets.filter(({ id }) => assets.has(id));
    const images = makeImages(this, system, settings, databases);
    for (const asset of databases) {
      new RecoveryTasks(this, { system, settings, asset, image: images.uriOf(asset.source.postgresMajor) });
      new ReplicaDrillSchedule(this, system, asset);
    }
  }
}

class RecoveryTasks extends Construct {
  constructor(scope: Construct, props: { system: System; settings: Settings; asset: PostgresAsset; image: string }) {
    const { system, settings, asset } = props;
    super(scope, `Asset-${asset.id}`);
    const logGroupName = `/holdfast/${system.name}/${asset.id}`;
    new CfnLogGroup(this, 'Logs', { logGroupName, retentionInDays: settings.logRetentionDays }).applyRemovalPolicy(RemovalPolicy.DESTROY);
    makeDrillTask(this, { ...props, logGroupName });
    makeRestoreTask(this, { ...props, logGroupName });
  }
}

class ReplicaDrillSchedule extends Construct {
  constructor(scope: Construct, system: System, asset: PostgresAsset) {
    super(scope, `Schedules-${asset.id}`);
    const { fromReplica } = asset.drill;
    if (fromReplica === undefined) return;
    const input = { asset: asset.id, from: 'replica' } satisfies z.input<typeof DrillInput>;
    makeSchedule(this, system, 'drill', asset.id, fromReplica, input);
  }
}
