/** What the colours are decided from: small summaries of records, so that a decision reads no store and knows no format. */
import { isCanaryCheckOf, recoveredCheckName } from '../drill/canary.ts';
import type { DrillEvidence } from '../drill/contract.ts';
import { measuredRpo } from '../drill/measured-rpo.ts';
import { checkedSeconds } from '../drill/recovery-times.ts';
import type { ReadBackFact } from '../escrow/facts.ts';
import type { KeyVersionState } from '../escrow/key-state.ts';
import type { KnownKeys } from '../restore/missing-keys.ts';
import type { VaultSide } from '../vault/side.ts';
import type { PointSummary } from '../vault/summarize-point.ts';

/** One drill, by its evidence. `could-not-run` is never a pass, and no failure of the point either. */
export type DrillSummary = {
  at: string;
  outcome: DrillEvidence['outcome'];
  point: string | undefined;
  reasons: string[];
  rpoSeconds: number | undefined;
  rtoSeconds: number | undefined;
  /** Of that its checks; absent where it is not known. */
  checkedSeconds?: number | undefined;
  /** What kind of target it was measured on. */
  target: string;
};

export const summarizeDrill = (evidence: DrillEvidence): DrillSummary => ({
  at: evidence.judgedAt,
  outcome: evidence.outcome,
  point: evidence.point,
  reasons: evidence.reasons,
  rpoSeconds: measuredRpo(evidence),
  rtoSeconds: evidence.measured.rtoSeconds,
  checkedSeconds: checkedSeconds(evidence),
  target: evidence.measured.target,
});

/** The drills that the points themselves tell of; a failure counts wherever it is recorded. */
export const drillsOfPoints = (points: readonly PointSummary[]): DrillSummary[] =>
  points.flatMap(({ point, lastDrill }) =>
    lastDrill
      ? [
          {
            at: lastDrill.at,
            outcome: lastDrill.outcome,
            point,
            reasons: lastDrill.reasons,
            rpoSeconds: undefined,
            rtoSeconds: lastDrill.rtoSeconds,
            target: '',
          },
        ]
      : [],
  );

/** One drill's word on one key: passed only when a value of the restored database opened with the escrowed copy. */
export type KeyProof = {
  at: string;
  outcome: 'passed' | 'failed';
  reason: string;
  /** The key was got back, and the value opened with none of what the point names. */
  isOfOtherValue?: boolean;
};

export function keyProofs(evidences: readonly DrillEvidence[], key: string): KeyProof[] {
  return evidences.flatMap(({ judgedAt, result }): KeyProof[] => {
    const checks =
      result?.checks.filter(
        (check) => check.kind === 'canary' && (check.name === recoveredCheckName(key) || isCanaryCheckOf(check.name, key)),
      ) ?? [];
    const failed = checks.find((check) => check.outcome === 'failed');
    if (failed) {
      const isOfOtherValue = failed.name !== recoveredCheckName(key);
      return [{ at: judgedAt, outcome: 'failed', reason: `${failed.name}: ${failed.measured}`, isOfOtherValue }];
    }
    const isOpened = checks.some((check) => isCanaryCheckOf(check.name, key));
    return isOpened ? [{ at: judgedAt, outcome: 'passed', reason: '' }] : [];
  });
}

/** What is known of a key asset's escrow. */
export type KeySummary = {
  key: string;
  /** Fingerprint of the value that the secret held as current when escrow last ran. */
  current: string | undefined;
  readBacks: { place: 'vault' | 'replica'; fingerprint: string; at: string }[];
  proofs: KeyProof[];
  /** What escrow knows of every value that the key ever had, in each place that was looked at. */
  versions: { place: VaultSide; state: KeyVersionState }[];
  /** Whether the escrow of one place at least could be read: that it has nothing is known then. */
  isKnown?: boolean;
  /** The places whose escrow was read; all that were to be looked at when absent. */
  seen?: readonly VaultSide[];
};

/** @param facts read-back facts of both regions' escrow buckets */
export function summarizeKey(
  key: string,
  current: string | undefined,
  facts: readonly ReadBackFact[],
  evidences: readonly DrillEvidence[],
  homeRegion: string,
  { versions, isKnown = false, seen }: Pick<KeySummary, 'versions' | 'isKnown' | 'seen'> = { versions: [] },
): KeySummary {
  const readBacks = facts
    .filter((fact) => fact.key === key)
    .map(({ region, fingerprint, at }) => ({ place: region === homeRegion ? ('vault' as const) : ('replica' as const), fingerprint, at }));
  return { key, current, readBacks, proofs: keyProofs(evidences, key), versions, isKnown, ...(seen ? { seen } : {}) };
}

/** For `findMissingKeys`: an escrow that is empty is known, one that nobody could read is not. */
export const knownKeys = (keys: Readonly<Record<string, Pick<KeySummary, 'versions' | 'isKnown'>>>): KnownKeys =>
  Object.fromEntries(
    Object.entries(keys).flatMap(([key, { versions, isKnown }]) =>
      isKnown || versions.length > 0 ? [[key, versions.map(({ state }) => state)]] : [],
    ),
  );
