import type { z } from 'zod';
import { openBucket } from '../../adapters/s3/bucket.ts';
import { putSameOnce } from '../../adapters/vault/put-records.ts';
import { readRecord } from '../../adapters/vault/read-records.ts';
import { DrillEvidence, JudgeEnvironment, type JudgeAnswer } from '../../core/drill/contract.ts';
import {
  describeScenarioDrill,
  executionOf,
  JudgeScenarioRequest,
  judgeScenario as decideVerdict,
  type ScenarioEvidence,
} from '../../core/drill/scenario.ts';
import { parseJson } from '../../core/parse-json.ts';
import type { ObjectReader, ObjectWriter } from '../../core/ports/object-store.ts';
import { runId } from '../../core/vault/ids.ts';
import { evidenceKey } from '../../core/vault/keys.ts';
import { handle } from '../edge.ts';

export type JudgeScenarioPorts = { vault: ObjectReader & ObjectWriter; now: () => Date };

/** The verdict on a scenario, by the evidence of its drills and nothing else. */
export async function judgeScenario(
  { system, scenario, execution, startedAt, drills: asked }: z.output<typeof JudgeScenarioRequest>,
  { vault, now }: JudgeScenarioPorts,
): Promise<JudgeAnswer & { run: string }> {
  const drills = await Promise.all(
    asked.map(async (one) => {
      const execution = executionOf(one);
      return describeScenarioDrill(one, execution && (await readDrill(vault, evidenceKey(system, 'drill', execution.run))));
    }),
  );
  const run = runId(new Date(startedAt), execution);
  const evidence: ScenarioEvidence = {
    format: 'holdfast/scenario-evidence/v1',
    system,
    scenario,
    run,
    execution,
    ...decideVerdict(drills),
    startedAt,
    judgedAt: now().toISOString(),
    drills,
  };
  const { key } = await putSameOnce(vault, evidenceKey(system, 'scenario', run), JSON.stringify(evidence));
  return { outcome: evidence.outcome, evidence: key, keys: [key], reasons: evidence.reasons, run };
}

async function readDrill(vault: ObjectReader, key: string): Promise<{ evidence: DrillEvidence; key: string } | undefined> {
  const record = await readRecord(vault, key);
  const parsed = record && DrillEvidence.safeParse(parseJson(record.body));
  return parsed?.success ? { evidence: parsed.data, key } : undefined;
}

export const handler = handle({
  environment: JudgeEnvironment,
  request: JudgeScenarioRequest,
  connect: (environment): JudgeScenarioPorts => {
    const { reader, writer } = openBucket(environment.VAULT_BUCKET, {}, process.env);
    return { vault: { ...reader, ...writer }, now: () => new Date() };
  },
  run: judgeScenario,
});
