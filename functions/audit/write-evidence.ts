import { Logger } from '@aws-lambda-powertools/logger';
import { openBucket } from '../../adapters/s3/bucket.ts';
import { snsNotifier } from '../../adapters/sns/publish.ts';
import { putSameOnce } from '../../adapters/vault/put-records.ts';
import { buildEvidence, countFindings, sawEverything } from '../../core/audit/build-evidence.ts';
import { AuditEvidence, WriteAuditEnvironment, WriteAuditRequest, type WriteAuditAnswer } from '../../core/audit/contract.ts';
import { auditBody, auditSubject } from '../../core/audit/message.ts';
import type { Notifier } from '../../core/ports/notifier.ts';
import type { ObjectReader, ObjectWriter } from '../../core/ports/object-store.ts';
import { evidenceKey } from '../../core/vault/keys.ts';
import { parseJson } from '../../core/parse-json.ts';
import { handle } from '../edge.ts';
import { putMetrics } from '../metrics.ts';
import type { AuditPorts } from './ports.ts';

export type WriteAuditPorts = Omit<AuditPorts, 'vault'> & {
  vault: ObjectReader & ObjectWriter;
  region: string;
  planFile: string;
  notifier: Notifier;
  /** Counts what was found: the alarm watches it. */
  publish: (findings: number) => void;
  /** Says that everything was looked at: what is silent for two days is alarmed. */
  publishDone: () => void;
  warn: (what: string, error: unknown) => void;
};

/** Findings that the end of the machine repeats for whoever started it; the evidence has them all. */
const MOST_REPEATED = 50;

/** What was looked at and what was found: as a metric, as evidence, and, where something was found, as a message. */
export async function writeEvidence(request: WriteAuditRequest, ports: WriteAuditPorts): Promise<WriteAuditAnswer> {
  const { system, side, region, planFile, vault, now, notifier, publish, publishDone, warn } = ports;
  const key = evidenceKey(system, 'audit', request.run);
  const evidence = buildEvidence(request, { system, side, region, planFile, bucket: vault.bucket }, now());
  publish(countFindings(evidence));
  const tell = async (found: AuditEvidence) => {
    if (countFindings(found) === 0) return;
    // The alarm on the metric does not depend on this message.
    await notifier
      .publish(auditSubject(found), auditBody(found, key))
      .catch((error: unknown) => warn('the alarm topic did not take it', error));
  };
  // Without its key nothing can be written into the vault: what was found is told all the same.
  const written = await putSameOnce(vault, key, JSON.stringify(AuditEvidence.parse(evidence))).catch(async (error: unknown) => {
    await tell(evidence);
    throw error;
  });
  // Called again, what was written first stands.
  const stands = AuditEvidence.parse(parseJson(written.body));
  // Neither a run about one asset stands for that of the day, nor one that could not see the vault, nor one that left no evidence.
  if (sawEverything(stands)) publishDone();
  await tell(stands);
  const told = stands.findings.slice(0, MOST_REPEATED).map(({ what, fix, command }) => ({ what, fix, command }));
  return { keys: [key], findings: countFindings(stands), told };
}

export const handler = handle({
  environment: WriteAuditEnvironment,
  request: WriteAuditRequest,
  connect: ({ SYSTEM, SIDE, VAULT_BUCKET, REGION, PLAN_FILE, ALARM_TOPIC_ARN }): WriteAuditPorts => {
    const { reader, writer } = openBucket(VAULT_BUCKET, {}, process.env);
    const logger = new Logger({ serviceName: 'holdfast' });
    return {
      system: SYSTEM,
      side: SIDE,
      region: REGION,
      planFile: PLAN_FILE,
      vault: { ...reader, ...writer },
      now: () => new Date(),
      notifier: snsNotifier(ALARM_TOPIC_ARN, {}),
      publish: (value) => putMetrics({ system: SYSTEM }, [{ name: 'AuditFindings', unit: 'Count', value }]),
      publishDone: () => putMetrics({ system: SYSTEM }, [{ name: 'AuditDone', unit: 'Count', value: 1 }]),
      warn: (what, error) => logger.warn(what, { error: error instanceof Error ? error.name : typeof error }),
    };
  },
  run: writeEvidence,
});
