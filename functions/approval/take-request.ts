import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { openBucket } from '../../adapters/s3/bucket.ts';
import { hasRole, type Caller } from '../../core/approval/caller.ts';
import { type AskedPaper, TakeRequestEnvironment, TakeRequestRequest, type TakeRequestAnswer } from '../../core/approval/contract.ts';
import { DecisionRefused } from '../../core/approval/errors.ts';
import { hashInput } from '../../core/approval/input-hash.ts';
import { askedKey } from '../../core/approval/records.ts';
import { START_WITHIN_SECONDS } from '../../core/approval/asked.ts';
import type { ObjectWriter } from '../../core/ports/object-store.ts';
import { handleSigned } from '../signed-edge.ts';

export type TakeRequestPorts = {
  system: string;
  requesters: readonly string[];
  vault: ObjectWriter;
  now: () => Date;
  newName: () => string;
};

/**
 * Writes down who asks, and for what, and answers with the name to start the machine under. Whoever starts that name starts what was
 * asked here and nothing else: the machine compares its input.
 */
export async function takeRequest(
  { input }: z.output<typeof TakeRequestRequest>,
  { system, requesters, vault, now, newName }: TakeRequestPorts,
  caller: Caller,
): Promise<TakeRequestAnswer> {
  if (!hasRole(caller, requesters))
    throw new DecisionRefused(
      `${caller.arn} is none of those that may ask for a restore`,
      'Ask under a role that the plan names in `roles.requesters`',
    );
  const at = now();
  const name = `asked-${newName()}`;
  const paper: z.infer<typeof AskedPaper> = {
    format: 'holdfast/asked/v1',
    system,
    name,
    inputSha256: hashInput(input),
    author: caller,
    at: at.toISOString(),
  };
  await vault.putOnce(askedKey(system, name), JSON.stringify(paper));
  return { name, startBefore: new Date(at.getTime() + 1000 * START_WITHIN_SECONDS).toISOString() };
}

export const handler = handleSigned({
  environment: TakeRequestEnvironment,
  request: TakeRequestRequest,
  connect: ({ SYSTEM, REQUESTERS, VAULT_BUCKET }): TakeRequestPorts => ({
    system: SYSTEM,
    requesters: REQUESTERS,
    vault: openBucket(VAULT_BUCKET, {}, process.env).writer,
    now: () => new Date(),
    newName: randomUUID,
  }),
  run: takeRequest,
});
