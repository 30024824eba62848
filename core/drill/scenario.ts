/** A scenario of several assets: each is drilled by an execution of its own, and one verdict says what that was for the scenario. */
import * as z from 'zod';
import { parseJson } from '../parse-json.ts';
import { runId } from '../vault/ids.ts';
import { VaultSide } from '../vault/side.ts';
import type { DrillEvidence } from './contract.ts';

const Outcome = z.enum(['passed', 'failed', 'could-not-run']);

/** An instant as Step Functions tells it: of a date its integrations make milliseconds, its API seconds. */
const Instant = z.union([z.number(), z.string()]).transform((at, context) => {
  const date = new Date(typeof at === 'number' && at < 1e11 ? at * 1000 : at);
  if (!Number.isNaN(date.getTime())) return date;
  context.addIssue({ code: 'custom', message: 'is no instant' });
  return z.NEVER;
});
const Execution = z.object({ ExecutionArn: z.string(), StartDate: Instant, Cause: z.string().optional() });

export const JudgeScenarioRequest = z.object({
  system: z.string(),
  scenario: z.string(),
  execution: z.string(),
  startedAt: z.iso.datetime({ offset: true }),
  drills: z.array(
    z.object({
      asset: z.string(),
      /** As Step Functions describes the execution that drilled it. */
      ended: Execution.optional(),
      /** Of one that did not succeed it is the JSON of the same, where there was an execution at all. */
      cause: z.string().optional(),
    }),
  ),
});
type Asked = z.output<typeof JudgeScenarioRequest>['drills'][number];

const ScenarioDrill = z.strictObject({
  asset: z.string(),
  outcome: Outcome,
  reasons: z.array(z.string()),
  /** Absent when the drill did not come so far. */
  run: z.string().optional(),
  evidence: z.string().optional(),
  point: z.string().optional(),
  from: VaultSide.optional(),
  consistentAt: z.iso.datetime({ offset: false }).optional(),
  rtoSeconds: z.number().optional(),
  lossSeconds: z.number().optional(),
});
export type ScenarioDrill = z.infer<typeof ScenarioDrill>;

/** `evidence/<system>/<YYYY>/scenario-<run>.json` */
export const ScenarioEvidence = z.strictObject({
  format: z.literal('holdfast/scenario-evidence/v1'),
  system: z.string(),
  scenario: z.string(),
  run: z.string(),
  execution: z.string(),
  outcome: Outcome,
  reasons: z.array(z.string()),
  startedAt: z.iso.datetime({ offset: true }),
  judgedAt: z.iso.datetime({ offset: false }),
  drills: z.array(ScenarioDrill),
  /**
   * The assets are restored side by side: the longest; how far apart the data points of their databases are; and the most that is lost
   * of what was there before the damage.
   */
  measured: z.strictObject({
    rtoSeconds: z.number().optional(),
    dataPointsApartSeconds: z.number().optional(),
    lossSeconds: z.number().optional(),
  }),
});
export type ScenarioEvidence = z.infer<typeof ScenarioEvidence>;

/** What the machine ends with when every drill of the scenario is passed. */
export const ScenarioOutput = z.object({
  outcome: z.literal('passed'),
  system: z.string(),
  scenario: z.string(),
  run: z.string(),
  evidence: z.string(),
  assets: z.array(z.string()),
});

/** The execution that drilled an asset, and the id of what it wrote; undefined when there was none. */
export function executionOf({ ended, cause }: Asked): { arn: string; run: string; cause: string | undefined } | undefined {
  const execution = ended ?? Execution.safeParse(parseJson(cause ?? '')).data;
  if (execution === undefined) return undefined;
  const { ExecutionArn: arn, StartDate: startedAt, Cause: why } = execution;
  return { arn, run: runId(startedAt, arn), cause: why };
}

/** Of one drill, by its evidence. One without evidence of this very execution could not run, whatever it says itself. */
export function describeScenarioDrill(asked: Asked, found: { evidence: DrillEvidence; key: string } | undefined): ScenarioDrill {
  const { asset } = asked;
  const execution = executionOf(asked);
  if (found === undefined || found.evidence.execution !== execution?.arn || found.evidence.asset !== asset)
    return { asset, outcome: 'could-not-run', reasons: [execution?.cause ?? asked.cause ?? 'The drill left no evidence'] };
  const { outcome, reasons, run, point, from, result, measured } = found.evidence;
  return {
    asset,
    outcome,
    reasons,
    run,
    evidence: found.key,
    ...(point === undefined ? {} : { point }),
    ...(from === undefined ? {} : { from }),
    ...(result === undefined ? {} : { consistentAt: result.consistentAt }),
    ...(measured.rtoSeconds === undefined ? {} : { rtoSeconds: measured.rtoSeconds }),
    ...(measured.lossSeconds === undefined ? {} : { lossSeconds: measured.lossSeconds }),
  };
}

/** Worst first: one asset that is lost is a scenario that is lost, and one that nobody knows of keeps it from being passed. */
export function judgeScenario(drills: readonly ScenarioDrill[]): Pick<ScenarioEvidence, 'outcome' | 'reasons' | 'measured'> {
  const worst = (['failed', 'could-not-run'] as const).find((outcome) => drills.some((drill) => drill.outcome === outcome));
  const times = drills.flatMap(({ rtoSeconds }) => rtoSeconds ?? []);
  const points = drills.flatMap(({ consistentAt }) => (consistentAt === undefined ? [] : [Date.parse(consistentAt)]));
  const losses = drills.flatMap(({ lossSeconds }) => lossSeconds ?? []);
  const isWhole = drills.length > 0 && times.length === drills.length;
  return {
    outcome: drills.length === 0 ? 'could-not-run' : (worst ?? 'passed'),
    reasons:
      worst === undefined
        ? drills.map(({ asset, reasons }) => `${asset}: ${reasons.length === 0 ? 'passed' : reasons.join('; ')}`)
        : drills
            .filter(({ outcome }) => outcome !== 'passed')
            .map(({ asset, outcome, reasons }) => `${asset} ${SAID[outcome]}: ${reasons.join('; ')}`),
    measured: {
      ...(isWhole ? { rtoSeconds: Math.max(...times) } : {}),
      ...(points.length > 1 ? { dataPointsApartSeconds: (Math.max(...points) - Math.min(...points)) / 1000 } : {}),
      ...(losses.length > 0 ? { lossSeconds: Math.max(...losses) } : {}),
    },
  };
}

const SAID = { passed: 'passed', failed: 'failed', 'could-not-run': 'could not run' } as const;
