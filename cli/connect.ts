/**
 * Chooses where a verb works: the system on AWS, or the one that runs on this machine. Either is loaded when it is chosen: the SDK
 * takes longer to load than a help takes to print, here and wherever else the command line imports within a function.
 */
import type { ProtectionPlan } from '../core/plan/schema.ts';
import type { Connection } from './connection.ts';
import { NothingRunsHere, UsageWrong } from './errors.ts';
import type { Frame } from './frame.ts';
import { findLocalSystem, requireLocalSystem } from './local-system.ts';

export type ConnectParts = {
  frame: Frame;
  wishes: { local: boolean; profile?: string | undefined };
  /** Where a local system is announced. */
  localDirectory: string;
};

/** The variable of the environment that asks for AWS, whatever runs here. */
export const findAwsVariable = ({ environment }: Frame): string | undefined =>
  ['AWS_PROFILE', 'AWS_ACCESS_KEY_ID', 'AWS_WEB_IDENTITY_TOKEN_FILE'].find((name) => (environment[name] ?? '') !== '');

/** When a variable alone keeps the system that runs here from being meant: a sentence without its stop, that names the way to it. */
export function explainPassedOver({ frame, wishes, localDirectory }: ConnectParts, system?: string): string | undefined {
  const variable = wishes.local || wishes.profile !== undefined ? undefined : findAwsVariable(frame);
  const running = variable === undefined ? undefined : findLocalSystem(localDirectory)?.system;
  return variable === undefined || running === undefined || running !== (system ?? running)
    ? undefined
    : `${variable} in the environment asks for AWS: --local means ${running}, which runs on this machine`;
}

export async function openConnection(plan: ProtectionPlan, { frame, wishes, localDirectory }: ConnectParts): Promise<Connection> {
  if (wishes.local && wishes.profile !== undefined) throw new UsageWrong('', ['--local and --profile name two places: choose one']);
  const wantsAws = wishes.profile !== undefined || (!wishes.local && findAwsVariable(frame) !== undefined);
  const find = wishes.local ? requireLocalSystem : findLocalSystem;
  const local = wantsAws ? undefined : find(localDirectory);
  if (local !== undefined && (wishes.local || local.system === plan.system)) {
    if (local.system !== plan.system)
      throw new NothingRunsHere(
        `The system ${plan.system} does not run on this machine: ${local.system} does`,
        `Name no plan, or that of ${local.system}: --plan ${local.planPath}`,
      );
    const { connectLocally } = await import('./connection-local.ts');
    return connectLocally(plan, local, frame);
  }
  const { connectToAws } = await import('./connection-aws.ts');
  return connectToAws(plan, frame, wishes.profile);
}
