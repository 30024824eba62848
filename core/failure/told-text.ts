import * as z from 'zod';
import { parseJson } from '../parse-json.ts';
import { isFailureName } from './exit.ts';

const FailedFunction = z.object({ errorMessage: z.string() });
/** Of another machine of ours, that a step has run to its end. */
const FailedMachine = z.object({ StateMachineArn: z.string(), Error: z.string(), Cause: z.string() });

/**
 * What a function or the machine itself said of a failure, when the words are Holdfast's own: then the error is named after its
 * class. Anything else may quote data, and is undefined here.
 */
export function toldText({ Error: name, Cause: cause }: { Error: string; Cause: string }): string | undefined {
  const machine = FailedMachine.safeParse(parseJson(cause));
  if (machine.success) return toldText(machine.data);
  if (!isFailureName(name)) return undefined;
  if (!cause.startsWith('{')) return cause || undefined;
  try {
    return FailedFunction.safeParse(JSON.parse(cause)).data?.errorMessage;
  } catch {
    return undefined;
  }
}
