/** What a task finds in its environment, parsed once. */
import { z } from 'zod';
import { BadConfiguration } from '../core/failure/input-errors.ts';

/** Throws BadConfiguration with the names of what is missing or wrong, never with values. */
export function parseEnvironment<Schema extends z.ZodType>(schema: Schema, environment: NodeJS.ProcessEnv): z.output<Schema> {
  const parsed = schema.safeParse(environment);
  if (!parsed.success) throw new BadConfiguration(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
  return parsed.data;
}

/** A variable that holds JSON, such as the asset's part of the plan. */
export const jsonText = <Schema extends z.ZodType>(schema: Schema) =>
  z
    .string()
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        context.addIssue({ code: 'custom', message: 'is not JSON' });
        return z.NEVER;
      }
    })
    .pipe(schema);
