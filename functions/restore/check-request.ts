import type { z } from 'zod';
import { openBucket } from '../../adapters/s3/bucket.ts';
import { findMissing } from '../../adapters/escrow/find-missing.ts';
import { checkPointSignature } from '../../adapters/vault/check-signature.ts';
import { readManifest } from '../../adapters/vault/read-records.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import { CheckRequestEnvironment, CheckRequestRequest, type CheckRequestAnswer } from '../../core/restore/contract.ts';
import { describeAsOf } from '../../core/restore/choose-point.ts';
import { readRestoreInput } from '../../core/restore/decide-request.ts';
import { describeWish } from '../../core/restore/describe-wish.ts';
import { readKeyNeeds, type KeyNeeds } from '../../core/restore/key-needs.ts';
import { refuseWithoutKeys } from '../../core/restore/missing-keys.ts';
import { findPointProblems } from '../../core/restore/point-problems.ts';
import { suggestDatabaseName } from '../../core/restore/sql-names.ts';
import { replacesDatabase } from '../../core/restore/target.ts';
import { runId } from '../../core/vault/ids.ts';
import type { VaultSide } from '../../core/vault/side.ts';
import { handle } from '../edge.ts';
import { checkOther } from './check-follow-up.ts';
import { findFailedDrill } from './find-failed-drill.ts';
import { findPoint } from './find-point.ts';

export type CheckRequestPorts = {
  system: string;
  assets: string[];
  vault: ObjectReader;
  escrow: Pick<ObjectReader, 'listVersions'>;
  /** What the plan says of keys. */
  needs: KeyNeeds;
  from: VaultSide;
};

/** Whether a restore can start from this input; when it cannot, everything that is wrong at once, and what is possible. */
export async function checkRequest(
  { input, execution, startedAt, terms }: z.input<typeof CheckRequestRequest>,
  ports: CheckRequestPorts,
): Promise<z.infer<typeof CheckRequestAnswer>> {
  const { system, vault, escrow, needs } = ports;
  const run = runId(new Date(startedAt), execution);
  const other = checkOther(input, { run, now: new Date(startedAt), terms }, ports);
  if (other !== undefined) return other;
  const request = readRestoreInput(input, ports);
  const { asset, problems, selection, target } = request;
  if (asset === '') return refuse(problems);
  const found = await findPoint(request, ports);
  if ('problems' in found) return refuse([...problems, ...found.problems]);
  const { point } = found;
  const { manifest } = await readManifest(vault, { system, asset, point });
  problems.push(...findPointProblems(manifest, { target, selection, database: request.database }));
  const keys = await findMissing(escrow, manifest, needs, new Date(startedAt));
  // When everything else is gone, a key that was opened or proven a year ago is no reason to refuse: it is said.
  const { withoutKeys } = request;
  const missing = withoutKeys ? [] : keys.filter(({ mayOpen }) => !mayOpen).map(({ text }) => text);
  if (missing.length > 0) problems.push(`point: ${point} is ${refuseWithoutKeys(missing)}`);
  if (problems.length > 0) return refuse(problems);
  const failedDrill = await findFailedDrill(vault, { system, asset, point });
  const remarks = [...describeAsOf(request.point, found), ...failedDrill, ...keys.map(({ text }) => `It may not be readable: ${text}`)];
  // What is restored is code: nothing of a point that somebody tampered with is to run.
  await checkPointSignature(vault, { system, asset, point });
  const { database: source } = manifest.source;
  const database = request.database ?? (replacesDatabase(target) ? source : suggestDatabaseName(source, point));
  const { quiesce = false, validate = false, ...leftOut } = terms?.[asset] ?? {};
  return {
    accepted: true,
    system,
    action: 'restore',
    asset,
    point,
    run,
    target,
    database,
    selection,
    of: '',
    quiesce: quiesce && replacesDatabase(target),
    validate,
    ...(remarks.length > 0 ? { remarks } : {}),
    details: describeWish({ selection, leftOut: { plan: leftOut, dump: manifest.dump.options }, withoutKeys, remarks }),
  };
}

const refuse = (problems: string[]) => ({
  accepted: false as const,
  problems,
  message: `The restore cannot start: ${problems.join('; ')}. Correct the input and start again`,
});

export const handler = handle({
  environment: CheckRequestEnvironment,
  request: CheckRequestRequest,
  connect: (environment): CheckRequestPorts => ({
    system: environment.SYSTEM,
    assets: environment.ASSETS.split(','),
    vault: openBucket(environment.VAULT_BUCKET, {}, process.env).reader,
    escrow: openBucket(environment.ESCROW_BUCKET, {}, process.env).reader,
    needs: readKeyNeeds(environment.NEEDS),
    from: environment.FROM,
  }),
  run: checkRequest,
});
