/** Takes what people say of a restore, by signed calls: who says it is what the service says that checked the signature. */
import type { z } from 'zod';
import { openBucket } from '../../adapters/s3/bucket.ts';
import { putSameOnce } from '../../adapters/vault/put-records.ts';
import { readRestore, type FoundRestore } from '../../adapters/vault/read-sign-off.ts';
import { hasRole, type Caller } from '../../core/approval/caller.ts';
import { DecisionRefused } from '../../core/approval/errors.ts';
import type { ObjectReader, ObjectWriter } from '../../core/ports/object-store.ts';
import { SignOffEnvironment, SignOffRequest, type SignOffAnswer } from '../../core/sign-off/contract.ts';
import { composeSignOff } from '../../core/sign-off/decide.ts';
import { NotSignable } from '../../core/sign-off/errors.ts';
import { chooseTick } from '../../core/sign-off/new-tick.ts';
import { SignOff, signOffKey, Tick } from '../../core/sign-off/records.ts';
import { handleSigned } from '../signed-edge.ts';

export type TakeWordPorts = {
  system: string;
  vault: ObjectReader & ObjectWriter;
  /** Roles, by ARN, whose people may say something of a restore. */
  people: readonly string[];
  now: () => Date;
};

/** What is written stands: who ticks or signs what somebody has ticked or signed before is told so, by what is answered. */
export async function takeWord(request: SignOffRequest, ports: TakeWordPorts, caller: Caller): Promise<SignOffAnswer> {
  const { system, vault, people, now } = ports;
  const { run } = request;
  if (!hasRole(caller, people))
    throw new DecisionRefused(
      `${caller.arn} is none of those that may speak of a restore`,
      'Call under a role that the plan names in `roles.requesters` or `roles.approvers`',
    );
  const found = await readRestore({ system, vault, now: now() }, run);
  if (request.action === 'look') return answerOf(found, run);
  if (found.done?.signOff !== undefined) {
    if (request.action === 'sign') return answerOf(found, run);
    throw new NotSignable(
      `${found.done.signOff.by.person} has signed off the restore ${run}`,
      'What is to be said after that, a new restore says',
    );
  }
  // What a restore has stopped may still be put back by hand.
  if (found.done?.undoneBy !== undefined && !(request.action === 'tick' && request.part !== undefined))
    throw new NotSignable(
      `The restore ${run} was undone by ${found.done.undoneBy}: the old database has its place again`,
      'There is nothing left of it to sign off',
    );
  if (request.action === 'tick') {
    const { key, tick } = chooseTick({ ...found, system }, request, caller, now());
    await putSameOnce(vault, key, JSON.stringify(Tick.parse(tick)));
  } else {
    if (found.done === undefined) throw new NotSignable(`The restore ${run} has left no record yet`, 'Sign it off once it has ended');
    const signOff = composeSignOff(found.done, request, caller, now());
    await putSameOnce(vault, signOffKey(system, run), JSON.stringify(SignOff.parse(signOff)));
  }
  return answerOf(await readRestore({ system, vault, now: now() }, run), run);
}

function answerOf({ asset, items, done }: FoundRestore, run: string): SignOffAnswer {
  if (done === undefined) return { run, asset, items };
  const { point, target = 'beside', database, kept, safety } = done.result;
  return {
    run,
    asset,
    point,
    target,
    database,
    ...(kept === undefined ? {} : { kept }),
    ...(safety === undefined ? {} : { safety }),
    ...(done.undoneBy === undefined ? {} : { undoneBy: done.undoneBy }),
    ...(done.droppedBy === undefined ? {} : { droppedBy: done.droppedBy }),
    items,
    ...(done.signOff === undefined ? {} : { signed: { by: done.signOff.by.person, at: done.signOff.at } }),
  };
}

function connect({ SYSTEM, VAULT_BUCKET, REQUESTERS, APPROVERS }: z.output<typeof SignOffEnvironment>): TakeWordPorts {
  const { reader, writer } = openBucket(VAULT_BUCKET, {}, process.env);
  return { system: SYSTEM, vault: { ...reader, ...writer }, people: [...REQUESTERS, ...APPROVERS], now: () => new Date() };
}

export const handler = handleSigned({ environment: SignOffEnvironment, request: SignOffRequest, connect, run: takeWord });
