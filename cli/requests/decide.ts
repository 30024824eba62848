/** What `approve` and `reject` share: what is asked is shown, and the decision is about exactly that. */
import * as z from 'zod';
import { DecideAnswer, DecideRequest } from '../../core/approval/contract.ts';
import type { VaultPlace } from '../connection.ts';
import { AS_OPTION, PersonName } from '../ask-first.ts';
import { isMeant } from '../ask-once-more.ts';
import { SIGNED_EXITS } from '../exit-codes.ts';
import { painter } from '../output/paint.ts';
import { FromPlace } from '../place.ts';
import { FROM_OPTION } from '../points.ts';
import { showRequest } from '../requests.ts';
import type { Answer, Context, Verb } from '../verb.ts';
import { readOneRequest } from './read.ts';

export const DECIDE_POSITIONALS: Verb['positionals'] = [
  { name: 'request', help: 'the id of the request, as `holdfast requests` lists it', isRequired: true },
];
export const DECIDE_OPTIONS: Verb['options'] = [{ flags: '--yes', help: 'do not ask once more' }, AS_OPTION, FROM_OPTION];
export const DECIDE_EXITS = ['StoppedWatching', ...SIGNED_EXITS] as const;
export const decideInput = {
  request: DecideRequest.shape.run,
  yes: z.boolean().default(false),
  as: PersonName,
  from: FromPlace,
};
type Wish = { request: string; reason?: string | undefined; yes: boolean; as?: string | undefined; from: VaultPlace };

export async function decideRequest(context: Context, outcome: 'approved' | 'rejected', wish: Wish): Promise<Answer> {
  const verb = outcome === 'approved' ? 'approve' : 'reject';
  const found = await readOneRequest(context, wish.request, wish.from);
  const { frame } = context;
  context.tell(showRequest(found, frame.now(), painter(frame.stderr, frame.environment)));
  if (!wish.yes && !(await isMeant(context, { verb, word: verb, what: `${verb} this request` })))
    return { data: { status: 'not decided' }, text: () => 'Nothing was decided', exit: 'StoppedWatching' };
  const { call } = await context.connect();
  const body = {
    run: wish.request,
    outcome,
    ...(wish.reason === undefined ? {} : { reason: wish.reason }),
    requestSha256: found.records.requestSha256,
  };
  const answer = DecideAnswer.parse(
    await call({ place: wish.from, handler: 'approval/decide', body, as: { role: 'approver', person: wish.as } }),
  );
  return {
    data: answer,
    text: (paint) => `${paint(outcome === 'approved' ? 'green' : 'red', outcome)} by ${answer.by}, decision ${answer.n}\n${answer.message}`,
  };
}
