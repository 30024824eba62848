import type { Construct } from 'constructs';
import { durationSeconds } from '../../core/plan/durations.ts';
import type { PostgresAsset } from '../../core/plan/schema-assets.ts';
import { escrowPrefix, evidenceKey } from '../../core/vault/keys.ts';
import { commonEnvironment, leaveNotes, ofAsset, readPoints, RESTORING_STORAGE_GIB, type AssetTaskProps } from '../asset-grants.ts';
import { taskSize } from '../fargate-size.ts';
import {
  bucketKey,
  describeEscrowKeys,
  escrowKeyArn,
  escrowOf,
  listObjects,
  openEnvelopes,
  putObjects,
  readObjects,
  vaultOf,
} from '../grants.ts';
import type { Statement } from '../policy.ts';
import { ANY_RUN } from '../run-pattern.ts';
import type { System } from '../system.ts';
import { APPLICATION_DIR, makeTask, SOCKET_DIR } from '../task.ts';
import { applicationContainer, keysOfApplication, readForApplication } from './application.ts';

/** Restores points of one asset into a throwaway database: those of the vault of its own region, with the escrowed keys of that region. */
export function makeDrillTask(scope: Construct, { asset, ...props }: AssetTaskProps): void {
  const { system } = props;
  const companion = applicationContainer(asset);
  makeTask(scope, 'Drill', {
    ...props,
    asset: asset.id,
    ...taskSize({ cpu: asset.task.cpu, memoryMiB: asset.task.memoryMiB + asset.drill.throwawayMemoryMiB + (companion?.memoryMiB ?? 0) }),
    task: 'drill',
    description: `restores points of ${asset.id} into a throwaway database`,
    ephemeralStorageGiB: RESTORING_STORAGE_GIB,
    throwaway: { lifeSeconds: durationSeconds(asset.drill.schedule.longestRun) },
    companion,
    environment: {
      ...commonEnvironment(system, asset),
      FROM: system.side,
      ESCROW_BUCKET: system.escrowBucket,
      ESCROW_KEY_ARN: escrowKeyArn(system, system.home),
      DATABASE_SOCKET_DIR: SOCKET_DIR,
      ...(companion === undefined ? {} : { APPLICATION_DIR }),
      ...scenariosOf(system, asset),
    },
    statements: drillStatements(system, asset),
  });
}

/** Reads points and opens the keys that they need from escrow; has no way to the source or to its secret. */
function drillStatements(system: System, asset: PostgresAsset): Statement[] {
  const [vault, escrow] = [vaultOf(system), escrowOf(system)];
  const { chain } = ofAsset(system, asset);
  const keys = [...new Set([...asset.needsKeys, ...asset.drill.canaries.map((c) => c.key), ...keysOfApplication(asset)])];
  const envelopes = keys.map((key) => escrowPrefix(system.name, key));
  return [
    ...readPoints(system, asset),
    listObjects('SeeLinks', vault, [chain]),
    readObjects('ReadLinks', vault, [`${chain}*`]),
    putObjects('SayWhatWasMeasured', vault, [evidenceKey(system.name, 'drill-result', ANY_RUN)]),
    leaveNotes(system, asset, 'drill'),
    bucketKey('VaultKey', system, vault, 'read-write'),
    ...readForApplication(system, asset),
    ...(keys.length === 0
      ? []
      : [
          listObjects('SeeEnvelopes', escrow, envelopes),
          readObjects(
            'ReadEnvelopes',
            escrow,
            envelopes.map((prefix) => `${prefix}*`),
          ),
          openEnvelopes('OpenEnvelopes', system, system.home, keys),
          ...describeEscrowKeys(system, [system.home]),
        ]),
  ];
}

/** What each scenario of this asset checks besides; a plan without any says nothing of it. */
function scenariosOf(system: System, { id }: PostgresAsset): { SCENARIOS?: string } {
  const own = system.plan.scenarios.filter(({ assets }) => assets.includes(id));
  if (own.length === 0) return {};
  const added = own.map(({ name, checks }) => ({ name, checks: checks.filter((check) => (check.asset ?? id) === id) }));
  return { SCENARIOS: JSON.stringify(added) };
}
