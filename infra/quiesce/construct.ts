/**
 * The functions that stop what uses a database, look at it, and put it back. Each is granted what the plan names and no more. Only beside
 * the vault: in the second region nothing is replaced.
 */
import { CfnDocument } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { composeDocumentName } from '../../core/names.ts';
import { durationSeconds } from '../../core/plan/durations.ts';
import { restorePaperKey, restorePapersPrefix } from '../../core/vault/keys.ts';
import { makeFunction } from '../function.ts';
import { bucketKey, listObjects, putObjects, readObjects, vaultOf } from '../grants.ts';
import type { HandlerPath } from '../handlers.ts';
import type { Statement } from '../policy.ts';
import type { RestoreBlocks } from '../restore/block.ts';
import { ANY_RUN } from '../run-pattern.ts';
import type { Settings } from '../settings.ts';
import { arn, type System } from '../system.ts';
import { composeDocument } from './compose-document.ts';
import { actOn, stepsOf } from './grants.ts';
import { quiesceBlock, resumeBlock } from './states.ts';

const HANDLERS = ['quiesce/stop', 'quiesce/check', 'quiesce/start'] as const satisfies readonly HandlerPath[];

/** JSON of what is stopped for each asset. */
const stopsOf = (system: System): Record<string, string> =>
  Object.fromEntries(
    system.postgresAssets.flatMap(({ id, restore }) => (restore?.quiesce === undefined ? [] : [[id, JSON.stringify(restore.quiesce)]])),
  );

const isUsed = (system: System) => system.side === 'vault' && stepsOf(system).length > 0;

export function makeQuiesce(stack: Construct, system: System, settings: Settings): void {
  if (!isUsed(system)) return;
  const vault = vaultOf(system);
  const steps = stepsOf(system);
  const document = composeDocumentName(system.name);
  const papers = ['quiesce-*', 'ticked-*'].map((paper) => restorePaperKey(system.name, '*', ANY_RUN, paper));
  const read: Statement[] = [
    listObjects('SeeWhatWasStopped', vault, [restorePapersPrefix(system.name, '')]),
    readObjects('ReadWhatWasStopped', vault, papers),
  ];
  const write = putObjects('WriteDownWhatIsStopped', vault, papers.slice(0, 1));
  const environment = { SYSTEM: system.name, VAULT_BUCKET: system.vaultBucket, DOCUMENT: document };
  if (steps.some((step) => step.kind === 'ssm-document' && step.compose !== undefined))
    new CfnDocument(stack, 'ComposeDocument', {
      name: document,
      documentType: 'Command',
      documentFormat: 'JSON',
      targetType: '/AWS::EC2::Instance',
      updateMethod: 'NewVersion',
      content: composeDocument(),
    });
  for (const handler of ['quiesce/stop', 'quiesce/start'] as const)
    makeFunction(stack, {
      system,
      settings,
      handler,
      description: handler === 'quiesce/stop' ? 'stops what uses a database' : 'puts back what was stopped',
      timeoutSeconds: 300,
      environment: { ...environment, ALARM_TOPIC_ARN: system.alarmTopicArn },
      statements: [
        ...read,
        write,
        bucketKey('VaultKey', system, vault, 'read-write'),
        {
          sid: 'SeeWhetherARunGoesOn',
          actions: ['states:DescribeExecution'],
          resources: [arn(system.home, 'states', `execution:${system.machineName('restore')}:*`)],
          why: 'Executions are named when they start.',
        },
        ...actOn(system, steps, 'change'),
        ...(steps.some(({ kind }) => kind === 'manual')
          ? [{ sid: 'TellPeople', actions: ['sns:Publish'], resources: [system.alarmTopicArn] }]
          : []),
      ],
    });
  makeFunction(stack, {
    system,
    settings,
    handler: 'quiesce/check',
    description: 'looks whether what was told to stop has stopped',
    timeoutSeconds: 300,
    environment,
    statements: [...read, bucketKey('VaultKey', system, vault, 'read'), ...actOn(system, steps, 'look')],
  });
}

/** Longest time-outs of the steps, there and back. */
const allowanceSeconds = (system: System) =>
  Math.max(
    0,
    ...system.postgresAssets.map(
      ({ restore }) => 2 * (restore?.quiesce?.steps ?? []).reduce((sum, { timeout }) => sum + durationSeconds(timeout), 0),
    ),
  );

/** What the restore machine does with them; nothing where no asset has such steps. */
export function quiesceBlocks(system: System): { blocks: RestoreBlocks; functions: readonly HandlerPath[] } {
  if (!isUsed(system)) return { blocks: {}, functions: [] };
  const arns = {
    stop: system.functionArn('quiesce/stop'),
    check: system.functionArn('quiesce/check'),
    start: system.functionArn('quiesce/start'),
  };
  return {
    blocks: {
      quiesce: (to) => quiesceBlock({ functions: arns, stops: stopsOf(system) }, to),
      resume: (to) => resumeBlock({ functions: arns }, to),
      allowanceSeconds: allowanceSeconds(system),
    },
    functions: HANDLERS,
  };
}
