import type { z } from 'zod';
import { openBucket } from '../../adapters/s3/bucket.ts';
import { putSameOnce } from '../../adapters/vault/put-records.ts';
import { RecordHoldEnvironment, RecordHoldRequest, type RecordHoldAnswer } from '../../core/lock/contract.ts';
import { decideHold } from '../../core/lock/decide-hold.ts';
import { readHoldFacts } from '../../core/lock/read-holds.ts';
import { readHoldInput } from '../../core/lock/read-hold-input.ts';
import { ObjectMissing } from '../../core/ports/object-errors.ts';
import type { ObjectReader, ObjectWriter } from '../../core/ports/object-store.ts';
import { FACT_FORMAT, type HeldFact, type ReleasedFact } from '../../core/vault/facts.ts';
import { runId } from '../../core/vault/ids.ts';
import { factKey } from '../../core/vault/keys.ts';
import { findPoint } from '../../core/vault/read-point.ts';
import type { VaultSide } from '../../core/vault/side.ts';
import { handle } from '../edge.ts';

export type RecordHoldPorts = { system: string; side: VaultSide; vault: ObjectReader & ObjectWriter; now: () => Date };

/**
 * Writes down that a point is held, or that a hold is released, before anything else is done about it: from then on retention keeps
 * it. Of a release it may let the point go once that is signed: one role's word is not enough. Retention lists a point after its
 * tombstone is written and deletes nothing but that, so that a hold which comes later stays, and is found by what sets S3's holds.
 */
export async function recordHold(
  { input, execution, startedAt }: z.output<typeof RecordHoldRequest>,
  { system, side, vault, now }: RecordHoldPorts,
): Promise<RecordHoldAnswer> {
  const wish = readHoldInput(input);
  const { asset, point, reason, by } = wish;
  const run = runId(new Date(startedAt), execution);
  const listed = await findPoint(vault, system, asset, point);
  if (!listed) throw new ObjectMissing(`The point ${asset}/${point} in s3://${vault.bucket}`);
  const earlier = await readHoldFacts(vault, { system, asset, point });
  // A release that was never signed released nothing: the wish for it is fulfilled by another one.
  const known = earlier.filter(({ counts, fact }) => counts || fact.id === run);
  const decided = decideHold(
    wish,
    known.map(({ fact }) => fact),
    run,
  );
  if (decided.write) {
    const fact: HeldFact | ReleasedFact = {
      format: FACT_FORMAT,
      kind: decided.write,
      system,
      asset,
      point,
      id: run,
      at: now().toISOString(),
      hold: decided.hold,
      reason,
      by: by ?? execution,
      ...(side === 'replica' ? { from: side } : {}),
    };
    await putSameOnce(vault, factKey(system, asset, point, decided.write, run), JSON.stringify(fact));
  }
  const facts = decided.write ? await readHoldFacts(vault, { system, asset, point }) : earlier;
  // What came from the vault brings the vault's signature along.
  const isOwn = (fact: HeldFact | ReleasedFact) => side === 'vault' || fact.from === side;
  // Of releases only this run's own: whoever else wrote one has to have it signed.
  const isToSign = (fact: HeldFact | ReleasedFact) => fact.id === run || fact.kind === 'held';
  const sign = facts.filter(({ isSigned, fact }) => !isSigned && isOwn(fact) && isToSign(fact)).map(({ key }) => key);
  const changed = facts.some(({ fact }) => fact.id === run);
  const replicated = side === 'vault' && listed.kinds.has('replicated');
  return { run, asset, point, hold: decided.hold, changed, holds: decided.holds, sign, replicated };
}

export const handler = handle({
  environment: RecordHoldEnvironment,
  request: RecordHoldRequest,
  connect: ({ SYSTEM, SIDE, VAULT_BUCKET }): RecordHoldPorts => {
    const { reader, writer } = openBucket(VAULT_BUCKET, {}, process.env);
    return { system: SYSTEM, side: SIDE, vault: { ...reader, ...writer }, now: () => new Date() };
  },
  run: recordHold,
});
