/** What the restore machine and the function that asks over HTTP say to one another. */
import * as z from 'zod';
import { CheckResult } from '../drill/contract.ts';
import { parseJson } from '../parse-json.ts';
import { Validation } from '../plan/schema-validation.ts';

export const ProbeSet = Validation.pick({ probes: true, logins: true });
export type ProbeSet = z.infer<typeof ProbeSet>;

/** As text: in a machine's definition a brace in it could be read as an expression. */
const setText = z.string().transform((text, context) => {
  const parsed = ProbeSet.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  context.addIssue({ code: 'custom', message: 'is not the plan’s list of probes' });
  return z.NEVER;
});

/** `since`: when the first look was; empty at first. `passed`: names of what needs no other look. */
export const ProbeRequest = z.object({
  asset: z.string(),
  run: z.string(),
  probes: setText,
  since: z.string(),
  results: z.array(CheckResult),
});
export const ProbeAnswer = z.object({
  done: z.boolean(),
  waitSeconds: z.int(),
  since: z.string(),
  results: z.array(CheckResult),
  passed: z.boolean(),
  message: z.string(),
});
export type ProbeAnswer = z.infer<typeof ProbeAnswer>;
export const ProbeEnvironment = z.object({ SYSTEM: z.string(), VAULT_BUCKET: z.string() });

/** `restores/<system>/<asset>/<run>/probed.json` */
export const ProbedPaper = z.strictObject({
  startedAt: z.iso.datetime({ offset: false }),
  finishedAt: z.iso.datetime({ offset: false }),
  checks: z.array(CheckResult),
});
export type ProbedPaper = z.infer<typeof ProbedPaper>;

/** What a login's secret holds. */
export const AccountSecret = z.object({ username: z.string().min(1), password: z.string().min(1) });
