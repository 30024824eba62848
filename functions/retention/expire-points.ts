import type { z } from 'zod';
import { HoldfastError } from '../../core/failure/error.ts';
import { ExpireRequest, RetentionEnvironment, type ExpireAnswer, type KeptPoint } from '../../core/retention/contract.ts';
import { handle } from '../edge.ts';
import { decideAsset } from './decide-asset.ts';
import { expirePoint } from './expire-point.ts';
import { connectRetention, type RetentionPorts } from './ports.ts';

/** Characters of a reason: those of a run stand in one payload. */
const LONGEST_REASON = 250;

/**
 * Expires a batch of an asset's points, one after the other. Each is decided again, over the catalog as it stands now: what has come
 * since the plan was written, a hold above all, wins. One point that cannot go does not keep the others.
 */
export async function expirePoints({ BatchInput, Items }: z.output<typeof ExpireRequest>, ports: RetentionPorts): Promise<ExpireAnswer> {
  const { asset, run } = BatchInput;
  const { keep, expire } = await decideAsset(BatchInput, ports);
  const goes = new Map(expire.map((decided) => [decided.point, decided]));
  const kept: KeptPoint[] = [];
  let expired = 0;
  for (const line of Items) {
    const stays = keep.get(line.point);
    const reasons = goes.get(line.point)?.reasons ?? line.reasons;
    const outcome: Omit<KeptPoint, 'point'> | undefined = stays
      ? { failed: false, why: stays.reasons.join('; ') }
      : await expirePoint({ ...line, asset, reasons }, run, ports).catch(tellFailure);
    if (outcome) kept.push({ point: line.point, failed: outcome.failed, why: outcome.why.slice(0, LONGEST_REASON) });
    else expired++;
  }
  return { expired, kept };
}

/** What is not ours to foresee ends the batch. */
function tellFailure(error: unknown): Omit<KeptPoint, 'point'> {
  if (error instanceof HoldfastError) return { failed: true, why: error.message };
  throw error;
}

export const handler = handle({
  environment: RetentionEnvironment,
  request: ExpireRequest,
  connect: connectRetention,
  run: expirePoints,
});
