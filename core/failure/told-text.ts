import * as z from 'zod';
import { isFailureName } from './exit.ts';

const FailedFunction = z.object({ errorMessage: z.string() });

/**
 * What a function or the machine itself said of a failure, when the words are Holdfast's own: then the error is named after its
 * class. Anything else may quote data, and is undefined here.
 */
export function toldText({ Error: name, Cause: cause }: { Error: string; Cause: string }): string | undefined {
  if (!isFailureName(name)) return undefined;
  if (!cause.startsWith('{')) return cause || undefined;
  try {
    return FailedFunction.safeParse(JSON.parse(cause)).data?.errorMessage;
  } catch {
    return undefined;
  }
}
