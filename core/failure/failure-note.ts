/**
 * What a failed task leaves in the vault for those who tell of it: why it ended, in words that are safe to tell. A database's own
 * error text quotes rows, so only its SQLSTATE, the name of an object and a line are kept.
 */
import * as z from 'zod';
import { FAILURES } from './classes.ts';
import { isFailureName } from './exit.ts';

export const FailureNote = z.strictObject({
  failure: z.string(),
  message: z.string(),
  /** What to do, where the task knows better than its class of failure. */
  advice: z.string().optional(),
  sqlstate: z.string().optional(),
  object: z.string().optional(),
  /** Line of a plain dump. */
  line: z.int().optional(),
});
export type FailureNote = z.infer<typeof FailureNote>;

/** One sentence, without what the class of the failure says and whatever else would be said twice. */
export function describeNote({ failure, message, sqlstate, object, line }: FailureNote): string {
  const known = isFailureName(failure) ? `${FAILURES[failure].what}: ` : '';
  const why = known !== '' && message.startsWith(known) ? message.slice(known.length) : message;
  const place = [
    ...(sqlstate && !why.includes(sqlstate) ? [`SQLSTATE ${sqlstate}`] : []),
    ...(object && !why.includes(object) ? [`object ${object}`] : []),
    ...(line !== undefined && !why.includes(`line ${line}`) ? [`line ${line}`] : []),
  ];
  return [why, ...place].join('; ');
}
