/** Restores of the demo: beside; in the place of the database, which another person has to approve; and the undo of that. */
import { setTimeout as sleep } from 'node:timers/promises';
import { readRequest } from '../../adapters/vault/read-approval.ts';
import { TakeRequestAnswer } from '../../core/approval/contract.ts';
import { approvalRequestKind } from '../../core/approval/records.ts';
import { HoldfastError } from '../../core/failure/error.ts';
import type { PostgresAsset, ProtectionPlan } from '../../core/plan/schema.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import { RestoreOutput } from '../../core/restore/result.ts';
import { evidenceKindPrefix } from '../../core/vault/keys.ts';
import type { Connection } from '../connection.ts';
import { DemoStageFailed } from './errors.ts';
import type { Narrator } from './narrator.ts';
import { runMachine, type MachineRun } from './run-machine.ts';

export type RestoreStep = {
  plan: ProtectionPlan;
  asset: PostgresAsset;
  point: string;
  connection: Connection;
  vault: ObjectReader;
  signal: AbortSignal;
};

const [REQUESTER, APPROVER] = ['ann', 'bob'] as const;
const LOOK_MILLISECONDS = 500;

export async function restorePoints(step: RestoreStep, narrator: Narrator): Promise<MachineRun[]> {
  const { asset, point, connection, signal } = step;
  const to = `${asset.id.replaceAll('-', '_')}_restored`;
  narrator.stage('Restore the point into a new database beside its source');
  const beside = await runMachine(connection.machines, 'restore', { asset: asset.id, point, to }, narrator.progress(), signal);
  const { database } = endOf(beside);
  narrator.done(`${asset.id}/${point} is the database ${database}; nothing else was touched`);

  narrator.stage(`Restore it in place: ${REQUESTER} asks, and somebody else has to approve`);
  const inPlace = await restoreApproved(step, { asset: asset.id, point, target: 'in-place' }, narrator);
  const replaced = endOf(inPlace);
  narrator.done(`${replaced.database} is ${asset.id}/${point}; what it was is kept as ${replaced.kept}, and stands in ${replaced.safety}`);

  narrator.stage(`Undo it: npx holdfast restore undo ${replaced.run}`);
  const undo = await restoreApproved(step, { undo: replaced.run }, narrator);
  const undone = endOf(undo);
  narrator.done(`${undone.database} is what it was; what had been restored is kept as ${undone.kept}`);
  return [beside, inPlace, undo];
}

function endOf({ end }: MachineRun): RestoreOutput {
  if (end.status !== 'succeeded') throw new DemoStageFailed(`${end.error}: ${end.cause}`);
  return RestoreOutput.parse(end.output);
}

/** Two people, each by calls that the deployed roles sign. Who asked tries to approve it too, and is refused. */
async function restoreApproved(
  step: RestoreStep,
  input: { asset?: string; [name: string]: string | undefined },
  narrator: Narrator,
): Promise<MachineRun> {
  const { connection, signal } = step;
  const as = { role: 'requester', person: REQUESTER } as const;
  const { name } = TakeRequestAnswer.parse(
    await connection.call({ place: 'vault', handler: 'approval/take-request', body: { input }, as }),
  );
  const over = new AbortController();
  const [run] = await Promise.all([
    runMachine(connection.machines, 'restore', input, narrator.progress(), signal, name).finally(() => over.abort()),
    approve(step, name, narrator, AbortSignal.any([signal, over.signal])),
  ]);
  return run;
}

/** As soon as the machine has written down what is asked. A machine that ended without asking says why itself. */
async function approve(step: RestoreStep, name: string, narrator: Narrator, signal: AbortSignal): Promise<void> {
  const { plan, connection, vault } = step;
  const place = { system: plan.system, side: 'vault', vault } as const;
  while (!signal.aborted) {
    for (const asked of await requestsOf(step, narrator)) {
      const records = await readRequest(place, asked);
      if (!records?.request.execution.endsWith(`:${name}`)) continue;
      const body = { run: asked, outcome: 'approved', requestSha256: records.requestSha256 };
      const decide = (person: string) =>
        connection.call({ place: 'vault', handler: 'approval/decide', body, as: { role: 'approver', person } });
      const refused = await decide(REQUESTER).then(
        () => undefined,
        (error: unknown) => error,
      );
      if (!(refused instanceof HoldfastError)) throw new DemoStageFailed(`${REQUESTER} approved what ${REQUESTER} had asked for`);
      narrator.note(`${REQUESTER} may not: ${refused.message}`);
      await decide(APPROVER);
      narrator.done(`${APPROVER} approves ${asked}`);
      return;
    }
    await sleep(LOOK_MILLISECONDS, undefined, { signal }).catch(() => undefined);
  }
}

async function requestsOf({ plan, vault }: RestoreStep, { frame }: Narrator): Promise<string[]> {
  const prefix = evidenceKindPrefix(plan.system, String(frame.now().getUTCFullYear()), approvalRequestKind('vault'));
  const runs: string[] = [];
  for await (const { key } of vault.list(prefix)) {
    const [, run] = /^(\d{8}T\d{6}Z-[0-9a-f]{6})\.json$/.exec(key.slice(prefix.length)) ?? [];
    if (run !== undefined) runs.push(run);
  }
  return runs.toReversed();
}
