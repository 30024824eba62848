import type { z } from 'zod';
import { openBucket } from '../../adapters/s3/bucket.ts';
import { findMissing } from '../../adapters/escrow/find-missing.ts';
import { checkPointSignature } from '../../adapters/vault/check-signature.ts';
import { readManifest, type PointName } from '../../adapters/vault/read-records.ts';
import { PointNotRestorable } from '../../core/escrow/errors.ts';
import { ChoosePointEnvironment, ChoosePointRequest, type ChoosePointAnswer } from '../../core/drill/contract.ts';
import { SignatureInvalid } from '../../core/evidence/errors.ts';
import { readDrillInput } from '../../core/drill/read-input.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import { readKeyNeeds, type KeyNeeds } from '../../core/restore/key-needs.ts';
import { runId } from '../../core/vault/ids.ts';
import type { VaultSide } from '../../core/vault/side.ts';
import { explainNone } from '../../core/vault/explain-lost.ts';
import { listAsset } from '../../core/vault/read-point.ts';
import { handle } from '../edge.ts';
import { takePoint } from './take-point.ts';

export type ChoosePointPorts = {
  system: string;
  assets: string[];
  vault: ObjectReader;
  escrow: Pick<ObjectReader, 'listVersions'>;
  /** What the plan says of keys. */
  needs: KeyNeeds;
  from: VaultSide;
};

/** The point that this drill restores. That none can be is an answer: the drill could not run, and there is evidence of it. */
export async function choosePoint(
  { input, execution, startedAt, scenarios }: z.output<typeof ChoosePointRequest>,
  { system, assets, vault, escrow, needs, from }: ChoosePointPorts,
): Promise<z.infer<typeof ChoosePointAnswer>> {
  const { asset, point, scenario } = readDrillInput(input, assets, from, scenarios);
  const run = runId(new Date(startedAt), execution);
  const lateSeconds = scenario === undefined ? undefined : scenarios?.[scenario]?.noticedAfterSeconds;
  const damagedAt = lateSeconds === undefined ? undefined : new Date(Date.parse(startedAt) - lateSeconds * 1000);
  const played = {
    ...(scenario === undefined ? {} : { scenario }),
    ...(damagedAt === undefined ? {} : { damagedAt: damagedAt.toISOString() }),
  };
  const catalog = await listAsset(vault, system, asset);
  const selected = await takePoint(vault, { system, asset }, catalog.points, { from, asked: point, damagedAt });
  if (!selected.found) {
    const reasons = await explainNone(vault, { system, asset, point, side: from, reason: selected.reason }, catalog);
    return { found: false, system, asset, run, ...played, reason: reasons.join('. ') };
  }
  const chosen = { system, asset, point: selected.point, run, from, ...played, isNewest: selected.isNewest };
  try {
    await checkPointSignature(vault, chosen);
    await checkKeys(chosen, { vault, escrow, needs }, new Date(startedAt));
    return { found: true, ...chosen };
  } catch (error) {
    if (!(error instanceof SignatureInvalid || error instanceof PointNotRestorable)) throw error;
    // A verdict on the point, as if its restore had failed: there is evidence of it.
    return { found: false, ...chosen, reason: error.message, error: { Error: error.failure, Cause: '' } };
  }
}

/** A restored database that nobody can read is no recovery: what is known before is not found out by a restore of hours. */
async function checkKeys(
  chosen: PointName,
  { vault, escrow, needs }: Pick<ChoosePointPorts, 'vault' | 'escrow' | 'needs'>,
  now: Date,
): Promise<void> {
  const { manifest } = await readManifest(vault, chosen);
  const missing = await findMissing(escrow, manifest, needs, now);
  if (missing.length > 0)
    throw new PointNotRestorable(
      chosen,
      missing.map(({ text }) => text),
    );
}

export const handler = handle({
  environment: ChoosePointEnvironment,
  request: ChoosePointRequest,
  connect: (environment): ChoosePointPorts => ({
    system: environment.SYSTEM,
    assets: environment.ASSETS.split(','),
    vault: openBucket(environment.VAULT_BUCKET, {}, process.env).reader,
    escrow: openBucket(environment.ESCROW_BUCKET, {}, process.env).reader,
    needs: readKeyNeeds(environment.NEEDS),
    from: environment.FROM,
  }),
  run: choosePoint,
});
