/** Whether an execution is the one that somebody asked for through the signed call. */
import { Caller } from './caller.ts';
import { AskedPaper } from './contract.ts';
import { hashInput } from './input-hash.ts';

/** Between the call and the start of the machine; an execution's name is free again after 90 days. */
export const START_WITHIN_SECONDS = 900;

/** @param paper what stands under the execution's name. Undefined: it says nothing about this execution. */
export function authorOfPaper(
  paper: unknown,
  execution: { system: string; name: string; input: unknown; startedAt: Date },
): Caller | undefined {
  const parsed = AskedPaper.safeParse(paper);
  const author = Caller.safeParse(parsed.data?.author);
  if (!parsed.success || !author.success) return undefined;
  const { system, name, inputSha256, at } = parsed.data;
  const seconds = (execution.startedAt.getTime() - Date.parse(at)) / 1000;
  const isOfIt = system === execution.system && name === execution.name && inputSha256 === hashInput(execution.input);
  // Two clocks are compared, which may be apart by some seconds.
  return isOfIt && seconds > -60 && seconds < START_WITHIN_SECONDS ? author.data : undefined;
}
