import { Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { assetStackName } from '../../core/names.ts';
import type { Asset } from '../../core/plan/schema-assets.ts';
import { makeLagAlarm } from '../copy/follow.ts';
import { makeImages } from '../image.ts';
import type { Settings } from '../settings.ts';
import type { System } from '../system.ts';
import { makeSilenceAlarm } from './alarms.ts';
import { AssetTasks } from './asset-tasks.ts';
import { AssetSchedules } from './schedules.ts';

/** What belongs to single assets: their tasks, schedules and alarms. It is deployed after the pipeline, whose machines the schedules start. */
export class PipelineAssetsStack extends Stack {
  constructor(scope: Construct, system: System, settings: Settings, props: StackProps & { number: number; assets: readonly Asset[] }) {
    const { number, assets, ...rest } = props;
    const stackName = assetStackName(system.name, number);
    super(scope, stackName, {
      ...rest,
      stackName,
      suppressTemplateIndentation: true,
      description: `Holdfast ${system.name}: tasks, schedules and alarms of single assets`,
    });
    const databases = assets.filter((asset) => asset.kind === 'postgres');
    const images = makeImages(this, system, settings, databases);
    for (const asset of databases) {
      new AssetTasks(this, { system, settings, asset, image: images.uriOf(asset.source.postgresMajor) });
      makeSilenceAlarm(this, system, asset);
      makeLagAlarm(this, system, asset);
    }
    for (const asset of assets) new AssetSchedules(this, system, asset);
  }
}
