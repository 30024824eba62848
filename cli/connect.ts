/** Chooses where a verb works: the system on AWS, or the one that runs on this machine. */
import type { ProtectionPlan } from '../core/plan/schema.ts';
import { connectToAws } from './connection-aws.ts';
import type { Connection } from './connection.ts';
import { UsageWrong } from './errors.ts';
import type { Frame } from './frame.ts';

export type ConnectParts = {
  frame: Frame;
  wishes: { local: boolean; profile?: string | undefined };
  tell(line: string): void;
};

export async function openConnection(plan: ProtectionPlan, { frame, wishes }: ConnectParts): Promise<Connection> {
  if (wishes.local && wishes.profile !== undefined) throw new UsageWrong('', ['--local and --profile name two places: choose one']);
  return connectToAws(plan, frame, wishes.profile);
}
