import { TakeRequestAnswer } from '../core/approval/contract.ts';
import { hashInput } from '../core/approval/input-hash.ts';
import { approvalRule } from '../core/approval/rule.ts';
import * as z from 'zod';
import type { VaultPlace } from './connection.ts';
import { postgresAssets } from './assets.ts';
import type { Context, VerbOption } from './verb.ts';

/** On AWS the name is that of the session; here somebody has to say it. */
export const AS_OPTION: VerbOption = {
  flags: '--as <person>',
  help: 'on this machine alone: who asks or decides (default: the user of the operating system)',
};
export const PersonName = z
  .string()
  .regex(/^[\w+=,.@-]{2,64}$/, 'has letters, digits and +=,.@-_')
  .optional();

type Wish = { assetId?: string; target: string; input: object; place: VaultPlace; person?: string | undefined };

/**
 * Where somebody has to approve what is started, who asks is said first, by a signed call: the answer is the name that the execution is
 * then started under. Undefined where nobody has to. Without `assetId` the machine alone finds it, of the run that the input names.
 */
export function askFirst(context: Context, { assetId, target, input, place, person }: Wish): (() => Promise<string>) | undefined {
  const people = postgresAssets(context.plan())
    .filter(({ id }) => assetId === undefined || id === assetId)
    .map(approvalRule)
    .map(({ needed, beside }) => (target === 'beside' ? beside : needed));
  const most = Math.max(0, ...people);
  if (most === 0) return undefined;
  const others = people.some((count) => count !== most)
    ? 'As many others as the plan says have'
    : most === 1
      ? 'Somebody else has'
      : `${most} others have`;
  return async () => {
    const { call } = await context.connect();
    const answer = await call({ place, handler: 'approval/take-request', body: { input }, as: { role: 'requester', person } });
    context.tell(`${others} to approve it: npx holdfast requests. It shows them the SHA-256 of what is asked, ${hashInput(input)}`);
    return TakeRequestAnswer.parse(answer).name;
  };
}
