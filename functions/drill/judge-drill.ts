import type { z } from 'zod';
import { openBucket } from '../../adapters/s3/bucket.ts';
import { putSameOnce } from '../../adapters/vault/put-records.ts';
import { JudgeEnvironment, JudgeRequest, type DrillEvidence, type JudgeAnswer } from '../../core/drill/contract.ts';
import { judgeDrill as decideVerdict, type Verdict } from '../../core/drill/judge.ts';
import { recordTimes } from '../../core/drill/recovery-times.ts';
import type { ObjectReader, ObjectWriter } from '../../core/ports/object-store.ts';
import type { DrilledFact } from '../../core/vault/facts.ts';
import { evidenceKey, factKey } from '../../core/vault/keys.ts';
import { handle } from '../edge.ts';
import { explainFailure } from './explain-failure.ts';
import { publishVerdict } from './publish-verdict.ts';
import { readResult } from './read-result.ts';

export type JudgePorts = {
  vault: ObjectReader & ObjectWriter;
  now: () => Date;
  publish: (drilled: Pick<JudgedDrill, 'system' | 'asset'>, verdict: Verdict) => void;
};
type JudgedDrill = z.output<typeof JudgeRequest>;

/** The verdict on a drill, as evidence; the point learns of it only when the drill ran. */
export async function judgeDrill(request: JudgedDrill, { vault, now, publish }: JudgePorts): Promise<JudgeAnswer> {
  const { system, asset, run, point, from, objectives } = request;
  const resultKey = evidenceKey(system, 'drill-result', run);
  const result = await readResult(vault, resultKey);
  const failure = await explainFailure(vault, request);
  const verdict = decideVerdict({
    result,
    failure,
    reason: request.reason,
    retrievalSeconds: request.retrievalSeconds,
    objectives,
    taken: request,
  });
  const evidence: DrillEvidence = {
    format: 'holdfast/drill-evidence/v1',
    system,
    asset,
    run,
    execution: request.execution,
    outcome: verdict.outcome,
    reasons: verdict.reasons,
    ...(point ? { point } : {}),
    ...(from ? { from } : {}),
    ...(request.scenario ? { scenario: request.scenario } : {}),
    ...(point && request.isNewest !== undefined ? { isNewest: request.isNewest } : {}),
    ...(request.damagedAt ? { damagedAt: request.damagedAt } : {}),
    startedAt: request.startedAt,
    judgedAt: now().toISOString(),
    ...(result ? { result } : {}),
    objectives,
    measured: verdict.measured,
    ...(result ? recordTimes(result, request.retrievalSeconds) : {}),
  };
  const written = await putSameOnce(vault, evidenceKey(system, 'drill', run), JSON.stringify(evidence));
  const keys = [written.key, ...(result ? [resultKey] : [])];
  if (point && from && verdict.outcome !== 'could-not-run') {
    const fact: DrilledFact = {
      format: 'holdfast/fact/v1',
      kind: 'drilled',
      system,
      asset,
      point,
      id: run,
      at: evidence.judgedAt,
      outcome: verdict.outcome,
      evidence: written.key,
      rtoSeconds: verdict.measured.rtoSeconds ?? 0,
      from,
      reasons: verdict.reasons,
    };
    keys.push((await putSameOnce(vault, factKey(system, asset, point, 'drilled', run), JSON.stringify(fact))).key);
  }
  publish(request, verdict);
  return { outcome: verdict.outcome, evidence: written.key, keys, reasons: verdict.reasons };
}

export const handler = handle({
  environment: JudgeEnvironment,
  request: JudgeRequest,
  connect: (environment): JudgePorts => {
    const { reader, writer } = openBucket(environment.VAULT_BUCKET, {}, process.env);
    return {
      vault: { ...reader, ...writer },
      now: () => new Date(),
      publish: publishVerdict,
    };
  },
  run: judgeDrill,
});
