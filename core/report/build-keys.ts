/** What a page says of keys: where each was read back, offline files and proofs of them, and the drills of the key. Pure. */
import { isCanaryCheckOf, recoveredCheckName } from '../drill/canary.ts';
import type { DrillEvidence } from '../drill/contract.ts';
import type { ReadBackFact } from '../escrow/facts.ts';
import { offlineResultId } from '../escrow/offline/files.ts';
import { madeAgainSince } from '../escrow/offline/last-proof.ts';
import { OFFLINE_FAILED, OFFLINE_PROOF, type OfflineProofEvidence } from '../escrow/offline/proof.ts';
import { recipientsId } from '../escrow/offline/recipients.ts';
import { durationSeconds } from '../plan/durations.ts';
import type { KeyAsset } from '../plan/schema.ts';
import type { KeySummary } from '../status/summary.ts';
import { later } from '../status/time.ts';
import { instantOfRun } from '../vault/ids.ts';
import type { KeyDrillReport, KeyReport, LastKeyDrill, OfflineProofReport, OfflineReport } from './model.ts';

export type KeyEscrow = {
  current: string | undefined;
  readBacks: readonly ReadBackFact[];
  versions: KeySummary['versions'];
};

const newestFirst = <T>(items: readonly T[], at: (item: T) => string): T[] =>
  items.toSorted((a, b) => Date.parse(at(b)) - Date.parse(at(a)));

/** Escrow reads every version back again and again: of each only the newest time per region is shown. */
export function readBacksOf(escrow: KeyEscrow | undefined, homeRegion: string): KeyReport['readBacks'] {
  const shown = new Map<string, ReadBackFact>();
  for (const fact of newestFirst(escrow?.readBacks ?? [], ({ at }) => at)) {
    const id = `${fact.fingerprint} ${fact.region}`;
    if (!shown.has(id)) shown.set(id, fact);
  }
  return [...shown.values()]
    .map((fact) => ({
      fingerprint: fact.fingerprint,
      isCurrent: fact.fingerprint === escrow?.current,
      region: fact.region,
      place: fact.region === homeRegion ? ('vault' as const) : ('replica' as const),
      at: fact.at,
      versionId: fact.envelopeVersionId,
    }))
    .toSorted((a, b) => Number(b.isCurrent) - Number(a.isCurrent));
}

/** Each time that a drill got the key back, and opened a value with it, of all databases that need it, in either region. */
export const keyDrillsOf = (key: string, evidences: readonly Readonly<Record<string, readonly DrillEvidence[]>>[]): KeyDrillReport[] =>
  newestFirst(
    evidences
      .flatMap((of) => Object.values(of).flat())
      .flatMap(({ asset, judgedAt: at, from, result }) =>
        (result?.checks ?? []).flatMap(({ name: what, kind, outcome, measured, seconds }): KeyDrillReport[] =>
          kind === 'canary' && (what === recoveredCheckName(key) || isCanaryCheckOf(what, key))
            ? [{ at, asset, from, what, outcome, measured, seconds }]
            : [],
        ),
      ),
    ({ at }) => at,
  );

/** Undefined when neither the plan asks for offline copies nor one was ever made. */
export function offlineOf(
  { id, escrow: { offline } }: KeyAsset,
  escrow: KeyEscrow | undefined,
  evidences: readonly OfflineProofEvidence[],
  now: Date,
): OfflineReport | undefined {
  const wanted = offline && recipientsId(offline.recipients);
  const versions = escrow?.versions ?? [];
  const files = new Map<string, OfflineReport['files'][number]>();
  for (const { place, state } of versions)
    for (const recipients of new Set(state.offlineFiles.map((file) => file.recipients))) {
      const name = `${state.fingerprint} ${recipients}`;
      const file = files.get(name) ?? {
        fingerprint: state.fingerprint,
        isCurrent: state.fingerprint === escrow?.current,
        recipients,
        isWanted: recipients === wanted,
        places: [],
      };
      files.set(name, { ...file, places: [...new Set([...file.places, place])] });
    }
  const proofs = proofsOf(id, { versions, evidences, current: escrow?.current, wanted, validFor: offline?.proofValid, now });
  if (!offline && files.size === 0 && proofs.length === 0) return undefined;
  return {
    wanted,
    files: [...files.values()].toSorted((a, b) => Number(b.isCurrent) - Number(a.isCurrent)),
    proofs,
  };
}

type Proofs = {
  versions: KeyEscrow['versions'];
  evidences: readonly OfflineProofEvidence[];
  current: string | undefined;
  wanted: string | undefined;
  validFor: string | undefined;
  now: Date;
};

/** By the facts beside the values, which are there in both regions; who saw it, and how long it took, the evidence says. */
function proofsOf(key: string, { versions, evidences, current, wanted, validFor, now }: Proofs): OfflineProofReport[] {
  const found = new Map<string, OfflineProofReport>();
  for (const { state } of versions)
    for (const result of state.offlineProofs) {
      const { recipients, run, hasPassed } = result;
      const ends = [OFFLINE_PROOF, OFFLINE_FAILED].map((kind) => `${key}/${state.fingerprint}/${kind}-${offlineResultId(result)}.json`);
      // The evidence has the id of the run that recorded it, the fact that of when it was seen.
      const evidence = evidences.find(({ facts }) => facts.some((fact) => ends.some((end) => fact.key.endsWith(`/${end}`))));
      const ofSame = versions.filter((one) => one.state.fingerprint === state.fingerprint).flatMap((one) => one.state.offlineFiles);
      const madeAgain = madeAgainSince(
        ofSame.filter((file) => recipients === undefined || file.recipients === recipients),
        result,
        now,
      );
      const at = evidence?.finishedAt ?? instantOfRun(run);
      found.set(`${state.fingerprint} ${recipients ?? ''} ${run}`, {
        at,
        fingerprint: state.fingerprint,
        isCurrent: state.fingerprint === current,
        recipients,
        isWanted: recipients === undefined || recipients === wanted,
        outcome: hasPassed ? 'passed' : 'failed',
        validUntil: validFor === undefined || !hasPassed ? undefined : later(at, durationSeconds(validFor)),
        madeAgainAt: madeAgain && instantOfRun(madeAgain),
        witnesses: evidence?.witnesses ?? [],
        seconds: evidence?.durationSeconds,
      });
    }
  return newestFirst([...found.values()], ({ at }) => at);
}

/** What a drill of keys is: got back from the second region, got back from offline shares, and a value opened with what was got back. */
export function lastDrillsOf(key: string, drills: readonly KeyDrillReport[], offline: OfflineReport | undefined): LastKeyDrill[] {
  const recovered = drills.find(({ from, what }) => from === 'replica' && what === recoveredCheckName(key));
  const opened = drills.find(({ what }) => isCanaryCheckOf(what, key));
  const shares = offline?.proofs[0];
  const last = (way: LastKeyDrill['way'], drill: Pick<KeyDrillReport, 'at' | 'outcome' | 'seconds'> | undefined): LastKeyDrill => ({
    way,
    last: drill && { at: drill.at, outcome: drill.outcome, seconds: drill.seconds },
  });
  return [last('second-region', recovered), ...(offline ? [last('offline-shares', shares)] : []), last('canary', opened)];
}
