/** A restore that waits for people, deployed (its machine is another one afterwards): calls signed by the deployed roles, judged by the emulator, and a machine that they wake. */
import { DescribeStateMachineCommand, SFNClient, UpdateStateMachineCommand } from '@aws-sdk/client-sfn';
import { expect, it } from 'vitest';
import { clientConfig } from '../../adapters/aws/settings.ts';
import { readRequest } from '../../adapters/vault/read-approval.ts';
import { approvalKey } from '../../core/approval/records.ts';
import { functionName, stateMachineName } from '../../core/names.ts';
import { signatureKey } from '../../core/vault/keys.ts';
import { approvalBlock } from '../../infra/approval/block.ts';
import { withFailureStates } from '../../infra/asl/failure-states.ts';
import { TAKE_REQUEST, takeRequest } from '../../infra/asl/request-state.ts';
import { rootSettings } from '../../local/run/place.ts';
import type { DeployedSystem } from '../helpers/deployed-system.ts';

const RUN = '20261121T100000Z-3fa9c1';
const INPUT = { asset: 'postgres' };

/** The deployed machine, with nothing in it but what waits for people. */
async function onlyWait({ place, plan }: DeployedSystem): Promise<void> {
  const fn = (handler: string) => `arn:aws:lambda:${place.region}:${place.accountId}:function:${functionName(plan.system, handler)}`;
  const block = approvalBlock({
    functions: {
      writeRequest: fn('approval/write-request'),
      askApprovers: fn('approval/ask-approvers'),
      confirmDecisions: fn('approval/confirm-decisions'),
      signObjects: fn('evidence/sign-objects'),
      lockObjects: fn('lock/lock-objects'),
      copyRecords: fn('copy/copy-records'),
    },
    rules: { postgres: { needed: 1, beside: 0, expirySeconds: 3600 } },
    next: 'It is approved',
    asked: { action: "'restore'", target: "'in-place'", database: "'ida'", details: '[]' },
  });
  const definition = {
    QueryLanguage: 'JSONata',
    StartAt: TAKE_REQUEST,
    TimeoutSeconds: 7200,
    States: {
      [TAKE_REQUEST]: takeRequest({ longestRuns: {}, askedFor: 'asset', assign: { ...block.assign, run: RUN }, next: block.first }),
      ...withFailureStates({ stage: 'restore', reportFailure: fn('backup/report-failure') }, block.tasks),
      ...block.states,
      'It is approved': { Type: 'Succeed', Output: {} },
    },
  };
  const sfn = new SFNClient(clientConfig(rootSettings(place)));
  const stateMachineArn = `arn:aws:states:${place.region}:${place.accountId}:stateMachine:${stateMachineName(plan.system, 'restore')}`;
  await sfn.send(new DescribeStateMachineCommand({ stateMachineArn }));
  await sfn.send(new UpdateStateMachineCommand({ stateMachineArn, definition: JSON.stringify(definition) }));
}

export const itWaitsForPeople = (system: () => DeployedSystem) =>
  it('lets a restore wait for people, takes the names of who calls from their signatures, and goes on by the decision of another one', async () => {
    const deployed = system();
    await onlyWait(deployed);
    const { plan, vault, signed } = deployed;
    const ask = (person: string, role: 'requester' | 'approver') =>
      signed({ place: 'vault', handler: 'approval/take-request', body: { input: INPUT }, as: { role, person } });
    const decide = (person: string, requestSha256: string, role: 'requester' | 'approver' = 'approver', more: object = {}) =>
      signed({
        place: 'vault',
        handler: 'approval/decide',
        body: { run: RUN, outcome: 'approved', requestSha256, ...more },
        as: { role, person },
      });

    await expect(ask('bob', 'approver')).rejects.toThrow(/not authorized to perform: lambda/);
    const { name } = (await ask('ann', 'requester')) as { name: string };
    const ended = deployed.run('restore', INPUT, 'vault', name);
    const records = await expect
      .poll(() => readRequest({ system: plan.system, side: 'vault', vault }, RUN), { timeout: 120_000 })
      .toBeDefined()
      .then(() => readRequest({ system: plan.system, side: 'vault', vault }, RUN));
    expect(records?.request.author).toMatchObject({ person: 'ann', role: `holdfast-${plan.system}-requester` });
    const sha256 = records!.requestSha256;

    await expect(decide('ann', sha256)).rejects.toThrow(/nobody approves a request of his own/);
    await expect(decide('bob', sha256, 'requester')).rejects.toThrow(/not authorized to perform: lambda/);
    await expect(decide('bob', sha256, 'approver', { by: 'cleo' })).rejects.toThrow(/by/);
    await expect(decide('aws-sdk-js-17', sha256)).rejects.toThrow(/names nobody/);
    await expect(decide('bob', sha256)).resolves.toMatchObject({ by: 'bob', state: 'approved' });
    await expect(ended).resolves.toMatchObject({ status: 'SUCCEEDED' });
    for (const reader of [vault, deployed.replica]) {
      expect(await reader.get({ key: approvalKey(plan.system, RUN, 1, 'vault') })).toBeDefined();
      expect(await reader.get({ key: signatureKey(approvalKey(plan.system, RUN, 1, 'vault')) })).toBeDefined();
    }
    await expect(decide('cleo', sha256)).rejects.toThrow(/takes no decision any more/);
  }, 300_000);
