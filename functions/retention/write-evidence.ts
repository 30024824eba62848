import type { z } from 'zod';
import { putSameOnce } from '../../adapters/vault/put-records.ts';
import { readRecord, storedVersions } from '../../adapters/vault/read-records.ts';
import {
  EXPIRY_FORMAT,
  ExpiryEvidence,
  RETENTION_TIMEOUT_SECONDS,
  RetentionEnvironment,
  WriteEvidenceRequest,
  type WriteEvidenceAnswer,
} from '../../core/retention/contract.ts';
import { parseExpiryPlan } from '../../core/retention/expiry-plan.ts';
import { mapSeveralAtOnce } from '../../core/several-at-once.ts';
import { evidenceKey, expiryPlanKey, expiryPlansPrefix, signatureKey } from '../../core/vault/keys.ts';
import { scheduledSlotId } from '../../core/vault/ids.ts';
import { handle } from '../edge.ts';
import { findTombstone } from './find-tombstone.ts';
import { connectRetention, type RetentionPorts } from './ports.ts';

const READS_AT_ONCE = 16;
/** The machine's own time-out. */
const LONGEST_RUN_MILLISECONDS = RETENTION_TIMEOUT_SECONDS * 1000;

type Request = z.output<typeof WriteEvidenceRequest>;
type Ports = Pick<RetentionPorts, 'system' | 'vault' | 'now'>;

/**
 * What went, as the vault shows it now, and not as some step said. A run that was killed before this leaves its plan without evidence:
 * the next run writes that too.
 */
export async function writeEvidence(request: Request, ports: Ports): Promise<WriteEvidenceAnswer> {
  const { asset, run } = request;
  const own = await evidenceOf(request, ports);
  const keys: string[] = [];
  const { attempts, uploads } = request.swept;
  if (own.expired.length + own.kept.length + attempts.length + uploads > 0) keys.push(await write(own, ports));
  for (const earlier of await runsWithoutEvidence(asset, run, ports)) {
    const swept = { attempts: [], objects: 0, bytes: 0, uploads: 0, refused: 0, unreadable: [] };
    keys.push(await write(await evidenceOf({ ...request, run: earlier, kept: [], swept }, ports), ports));
  }
  return { keys, expired: own.expired.length, failed: own.kept.filter(({ failed }) => failed).length };
}

async function evidenceOf({ asset, run, execution, kept, swept }: Request, ports: Ports): Promise<ExpiryEvidence> {
  const { system, vault, now } = ports;
  const plan = await readRecord(vault, expiryPlanKey(system, asset, run));
  const lines = plan ? parseExpiryPlan(`s3://${vault.bucket}/${expiryPlanKey(system, asset, run)}`, plan.body) : [];
  const found = await mapSeveralAtOnce(lines, READS_AT_ONCE, (line) => findTombstone(line, ports));
  const told = new Map(kept.map((one) => [one.point, one]));
  return {
    format: EXPIRY_FORMAT,
    kind: 'expiry',
    system,
    asset,
    run,
    execution,
    at: now().toISOString(),
    bucket: vault.bucket,
    expired: found.flatMap((one) => (one.isGone && one.tombstone ? [one.tombstone] : [])),
    kept: found.flatMap(({ isGone, point }) =>
      isGone ? [] : [told.get(point) ?? { point, failed: true, why: 'the step that expires it ended before it was done' }],
    ),
    swept,
    records: found.flatMap(({ records }) => records),
  };
}

/**
 * Runs that have ended by now, whatever became of them: one that is under way writes its own. Evidence that stands and was never
 * signed vouches for nothing: it is handed on as it is, to be signed, locked and copied with the run's own.
 */
async function runsWithoutEvidence(asset: string, own: string, { system, vault, now }: Ports): Promise<string[]> {
  const prefix = expiryPlansPrefix(system, asset);
  const before = scheduledSlotId(new Date(now().getTime() - LONGEST_RUN_MILLISECONDS));
  const runs = (await storedVersions(vault, prefix))
    .map(({ key }) => key.slice(prefix.length, -'.jsonl'.length))
    .filter((run) => run < before && run !== own);
  const signatures = await mapSeveralAtOnce([...new Set(runs)], READS_AT_ONCE, (run) =>
    storedVersions(vault, signatureKey(keyOf({ system, asset, run }))),
  );
  return [...new Set(runs)].filter((_, index) => signatures[index]?.length === 0);
}

const keyOf = ({ system, asset, run }: Pick<ExpiryEvidence, 'system' | 'asset' | 'run'>) =>
  evidenceKey(system, 'expiry', `${run}-${asset}`);

async function write(evidence: ExpiryEvidence, { vault }: Ports): Promise<string> {
  const { key } = await putSameOnce(vault, keyOf(evidence), JSON.stringify(ExpiryEvidence.parse(evidence)));
  return key;
}

export const handler = handle({
  environment: RetentionEnvironment,
  request: WriteEvidenceRequest,
  connect: connectRetention,
  run: writeEvidence,
});
