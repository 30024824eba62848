/** What the empty database says of itself that remembers what a dropped one was. Pure. */
import * as z from 'zod';
import { parseJson } from '../parse-json.ts';

export const Remembered = z.strictObject({
  owner: z.string(),
  comment: z.string().nullable(),
  /** The run that was to replace it, and the point that has its content. */
  run: z.string(),
  safety: z.string(),
});
export type Remembered = z.infer<typeof Remembered>;

const FIRST_LINE = 'Holdfast keeps here what a database was that a restore replaces';

export const writeRemembered = (remembered: Remembered): string => `${FIRST_LINE}\n${JSON.stringify(remembered)}`;

/** Undefined when it is not of Holdfast. */
export function readRemembered(comment: string | undefined): Remembered | undefined {
  if (comment?.startsWith(`${FIRST_LINE}\n`) !== true) return undefined;
  return Remembered.safeParse(parseJson(comment.slice(FIRST_LINE.length + 1))).data;
}
