import { openBucket } from '../../adapters/s3/bucket.ts';
import { stepFunctionsExecutions } from '../../adapters/step-functions/executions.ts';
import { findLastPoint } from '../../adapters/vault/find-last-point.ts';
import { storedVersions } from '../../adapters/vault/read-records.ts';
import { Claim } from '../../core/backup/claim.ts';
import { AdmitEnvironment, AdmitRequest, type AdmitAnswer } from '../../core/backup/contract.ts';
import { decideAdmission, decidePointState } from '../../core/backup/decide-admission.ts';
import { NoPointToFinish, readBackupInput } from '../../core/backup/read-input.ts';
import type { Executions } from '../../core/ports/executions.ts';
import { ObjectExists } from '../../core/ports/object-errors.ts';
import type { ObjectReader, ObjectWriter } from '../../core/ports/object-store.ts';
import { runId } from '../../core/vault/ids.ts';
import { claimKey, pointPrefix, runsPrefix } from '../../core/vault/keys.ts';
import { findPoint, listPoints } from '../../core/vault/read-point.ts';
import { PointRecordDamaged } from '../../core/vault/record-errors.ts';
import { handle } from '../edge.ts';
import type { z } from 'zod';
import { parseJson } from '../../core/parse-json.ts';

export type AdmitPorts = { system: string; assets: string[]; vault: ObjectReader & ObjectWriter; executions: Executions; now: () => Date };

/** One execution per slot is admitted, to make its point or to finish it; the claim that it holds is in the answer. */
export async function admitSlot({ input, execution, startedAt }: z.output<typeof AdmitRequest>, ports: AdmitPorts): Promise<AdmitAnswer> {
  const { system, assets, vault, executions, now } = ports;
  const started = new Date(startedAt);
  const { asset, slot, mustExist } = readBackupInput(input, assets, execution, started);
  const run = runId(started, execution);
  const admitted = async ({ claim, committed }: { claim: number; committed: boolean }): Promise<AdmitAnswer> => ({
    admitted: true,
    committed,
    lastPoint: committed ? '' : ((await findLastPoint(vault, { system, asset, before: slot })) ?? ''),
    system,
    asset,
    slot,
    point: slot,
    claim,
    run,
  });

  // A tombstone is all that stays of an expired point; a second point at its slot would contradict it.
  if ((await storedVersions(vault, `${pointPrefix(system, asset, slot)}tombstone-`)).length > 0)
    return { admitted: false, reason: 'the slot had its point, and the point has expired' };
  for (;;) {
    const claim = await highestClaim(vault, runsPrefix(system, asset, slot));
    const highest = claim && { claim, state: claim.execution === execution ? 'running' : await executions.stateOf(claim.execution) };
    const point = decidePointState(await findPoint(vault, system, asset, slot));
    if (mustExist && point === 'none') throw new NoPointToFinish(asset, slot, await listPoints(vault, system, asset));
    const admission = decideAdmission({ execution, highest, point, now: started });
    if (admission.decision === 'refuse') return { admitted: false, reason: admission.reason, ...(point === 'none' ? {} : { point: slot }) };
    if (admission.decision === 'holds') return await admitted(admission);
    const record: Claim = {
      format: 'holdfast/claim/v1',
      system,
      asset,
      slot,
      claim: admission.claim,
      execution,
      run,
      claimedAt: now().toISOString(),
    };
    try {
      await vault.putOnce(claimKey(system, asset, slot, admission.claim), JSON.stringify(record));
      return await admitted(admission);
    } catch (error) {
      if (!(error instanceof ObjectExists)) throw error;
    }
  }
}

async function highestClaim(vault: ObjectReader, prefix: string): Promise<Claim | undefined> {
  const versions = await storedVersions(vault, prefix);
  const key = versions
    .map((version) => version.key)
    .sort()
    .at(-1);
  const oldest = versions.findLast((version) => version.key === key);
  if (!oldest) return undefined;
  const found = await vault.get(oldest);
  const claim = Claim.safeParse(found && parseJson(found.body));
  if (!claim.success) throw new PointRecordDamaged(`s3://${vault.bucket}/${oldest.key}`, { cause: claim.error });
  // Its age is told by S3's clock and that of Step Functions: those of functions may be hours apart.
  return { ...claim.data, claimedAt: oldest.lastModified.toISOString() };
}

export const handler = handle({
  environment: AdmitEnvironment,
  request: AdmitRequest,
  connect: (environment): AdmitPorts => {
    const { reader, writer } = openBucket(environment.VAULT_BUCKET, {}, process.env);
    return {
      system: environment.SYSTEM,
      assets: environment.ASSETS.split(','),
      vault: { ...reader, ...writer },
      executions: stepFunctionsExecutions({}),
      now: () => new Date(),
    };
  },
  run: admitSlot,
});
