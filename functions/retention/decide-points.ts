import { putSameOnce } from '../../adapters/vault/put-records.ts';
import { readManifest } from '../../adapters/vault/read-records.ts';
import { sha256Hex } from '../../core/evidence/statement.ts';
import { DecideRequest, RetentionEnvironment, type DecideAnswer, type ExpiryLine } from '../../core/retention/contract.ts';
import { parseExpiryPlan, selectForThisRun, writeExpiryPlan } from '../../core/retention/expiry-plan.ts';
import { mapSeveralAtOnce } from '../../core/several-at-once.ts';
import { expiryPlanKey } from '../../core/vault/keys.ts';
import { handle } from '../edge.ts';
import { decideAsset } from './decide-asset.ts';
import { connectRetention, type RetentionPorts } from './ports.ts';

const READS_AT_ONCE = 16;

type Ports = Pick<RetentionPorts, 'system' | 'vault' | 'now'>;

/** What of an asset expires in this run, as an object that the machine reads line by line. Done again, the first answer stands. */
export async function decidePoints({ asset, run, policy }: DecideRequest, ports: Ports): Promise<DecideAnswer> {
  const { system, vault } = ports;
  const { expire, keeps } = await decideAsset({ asset, policy }, ports);
  const { now, later } = selectForThisRun(expire);
  if (now.length === 0) return { plan: '', expires: 0, later: 0, keeps };
  const lines = await mapSeveralAtOnce(now, READS_AT_ONCE, async ({ point, reasons }): Promise<ExpiryLine> => {
    const { body } = await readManifest(vault, { system, asset, point });
    return { system, asset, point, manifestSha256: sha256Hex(body), reasons };
  });
  const plan = expiryPlanKey(system, asset, run);
  const { body } = await putSameOnce(vault, plan, writeExpiryPlan(lines));
  return { plan, expires: parseExpiryPlan(`s3://${vault.bucket}/${plan}`, body).length, later: later.length, keeps };
}

export const handler = handle({ environment: RetentionEnvironment, request: DecideRequest, connect: connectRetention, run: decidePoints });
