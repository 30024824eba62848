import type { Construct } from 'constructs';
import { durationSeconds } from '../../core/plan/durations.ts';
import { allowedRto } from '../../core/plan/feasibility.ts';
import { evidenceKey, factKey, failureNoteKey, publicKeyKey, publicKeysPrefix } from '../../core/vault/keys.ts';
import type { DrillScenarios, Objectives } from '../../core/drill/contract.ts';
import { assetIds } from '../backup/construct.ts';
import { keyNeeds } from '../key-needs.ts';
import { makeFunction } from '../function.ts';
import { bucketKey, escrowOf, listObjects, putObjects, readObjects, vaultOf } from '../grants.ts';
import type { HandlerPath } from '../handlers.ts';
import { makeMachine, runMachine } from '../machine.ts';
import type { TaskNetworks } from '../network.ts';
import { ANY_RUN } from '../run-pattern.ts';
import type { Settings } from '../settings.ts';
import type { System } from '../system.ts';
import { COPIES } from '../copy/sides.ts';
import { drillWorkflow } from './workflow.ts';

const JUDGE_SCENARIO = 'drill/judge-scenario' satisfies HandlerPath;

/** Choosing a point, judging what the drill measured, and the machine around them. */
export function makeDrill(stack: Construct, system: System, settings: Settings, networks: TaskNetworks<'drill'>): void {
  const { name } = system;
  const vault = vaultOf(system);
  makeFunction(stack, {
    system,
    settings,
    handler: 'drill/choose-point',
    description: 'chooses the point of a drill',
    environment: {
      SYSTEM: name,
      VAULT_BUCKET: system.vaultBucket,
      FROM: system.side,
      ASSETS: assetIds(system),
      ESCROW_BUCKET: system.escrowBucket,
      NEEDS: keyNeeds(system),
    },
    statements: [
      listObjects('SeePoints', vault, [`catalog/${name}/`, `chain/${name}/`, publicKeysPrefix(name)]),
      readObjects('ReadPoints', vault, [`catalog/${name}/*`, `chain/${name}/*`, publicKeyKey(name, '*')]),
      bucketKey('VaultKey', system, vault, 'read'),
      listObjects('SeeWhichKeysCanBeHad', escrowOf(system), [`${name}/`]),
    ],
  });
  const results = evidenceKey(name, 'drill-result', ANY_RUN);
  const evidence = [evidenceKey(name, 'drill', ANY_RUN), factKey(name, '*', '*', 'drilled', ANY_RUN)];
  makeFunction(stack, {
    system,
    settings,
    handler: 'drill/judge-drill',
    description: 'judges a drill and writes its evidence',
    environment: { SYSTEM: name, VAULT_BUCKET: system.vaultBucket },
    statements: [
      listObjects('SeeResults', vault, [`evidence/${name}/`, `catalog/${name}/`, `failures/${name}/`]),
      readObjects('ReadResults', vault, [results, failureNoteKey(name, '*', ANY_RUN, 'drill', '*'), ...evidence]),
      putObjects('PutEvidence', vault, evidence),
      bucketKey('VaultKey', system, vault, 'read-write'),
    ],
  });
  const isSeveral = system.plan.scenarios.some(({ assets }) => assets.length > 1);
  if (isSeveral)
    makeFunction(stack, {
      system,
      settings,
      handler: JUDGE_SCENARIO,
      description: 'judges a scenario of several assets by the evidence of their drills',
      environment: { SYSTEM: name, VAULT_BUCKET: system.vaultBucket },
      statements: [
        listObjects('SeeEvidence', vault, [`evidence/${name}/`]),
        readObjects('ReadEvidence', vault, [evidenceKey(name, 'drill', ANY_RUN), evidenceKey(name, 'scenario', ANY_RUN)]),
        putObjects('PutEvidence', vault, [evidenceKey(name, 'scenario', ANY_RUN)]),
        bucketKey('VaultKey', system, vault, 'read-write'),
      ],
    });
  makeMachine(stack, {
    system,
    settings,
    stage: 'drill',
    tasks: ['drill'],
    ...(isSeveral ? { statements: runMachine(system, 'drill') } : {}),
    functions: [
      'drill/choose-point',
      'drill/judge-drill',
      ...(isSeveral ? ([JUDGE_SCENARIO] as const) : []),
      'restore/retrieve-point',
      'evidence/sign-objects',
      'lock/lock-objects',
      ...COPIES[system.side],
      'backup/report-failure',
    ],
    definition: drillWorkflow({
      system: name,
      cluster: system.clusterArn,
      drillNetwork: networks.drill,
      objectives: objectives(system),
      scenarios: scenarios(system),
      ...(isSeveral ? { several: { machineArn: system.machineArn('drill'), judgeScenario: system.functionArn(JUDGE_SCENARIO) } } : {}),
      longestRuns: Object.fromEntries(system.postgresAssets.map((a) => [a.id, durationSeconds(a.drill.schedule.longestRun)])),
      functions: {
        choosePoint: system.functionArn('drill/choose-point'),
        retrievePoint: system.functionArn('restore/retrieve-point'),
        judgeDrill: system.functionArn('drill/judge-drill'),
        signObjects: system.functionArn('evidence/sign-objects'),
        lockObjects: system.functionArn('lock/lock-objects'),
        ...(COPIES[system.side].length === 0 ? {} : { copyRecords: system.functionArn('copy/copy-records') }),
        reportFailure: system.functionArn('backup/report-failure'),
      },
    }),
  });
}

const objectives = (system: System): Record<string, Objectives> =>
  Object.fromEntries(
    system.postgresAssets.map((a) => {
      const { gap, allowedSeconds } = allowedRto(a);
      return [
        a.id,
        {
          rpoSeconds: durationSeconds(a.objectives.rpo),
          rtoSeconds: durationSeconds(a.objectives.rto),
          ...(gap === undefined ? {} : { gapRtoSeconds: allowedSeconds }),
        },
      ];
    }),
  );

const scenarios = (system: System): DrillScenarios =>
  Object.fromEntries(
    system.plan.scenarios.map(({ name, assets, from, noticedAfter }) => [
      name,
      { assets, from, ...(noticedAfter === undefined ? {} : { noticedAfterSeconds: durationSeconds(noticedAfter) }) },
    ]),
  );
