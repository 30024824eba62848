/** What escrow knows of each value that a key ever had, by the keys of the objects in one region's bucket: nothing is read. Pure. */
import { hasBegun, isRun } from '../vault/ids.ts';
import { escrowPrefix } from '../vault/keys.ts';
import { parseRunFact } from './fact-names.ts';
import { parseOfflineName, parseOfflineResult, type OfflineName, type OfflineResultName } from './offline/files.ts';

export type KeyVersionState = {
  fingerprint: string;
  /** Versions of the source that hold this value. */
  secretVersions: readonly string[];
  hasEnvelope: boolean;
  /** By what its envelopes are named: the keys that sealed them, and the run of one that was made again. An early one has no name. */
  sealings: readonly string[];
  /** Its offline files, by the facts beside them, which are written last: a file without one is none. */
  offlineFiles: readonly OfflineName[];
  /** Runs, by their ids, which begin with a time: the newest that opened the envelope here, and the newest that could not. */
  readBackRun: string | undefined;
  lostRun: string | undefined;
  /** The newest run that had this as the current value. */
  currentRun: string | undefined;
  unguardedRun: string | undefined;
  /** What witnesses saw of its offline files. */
  offlineProofs: readonly OfflineResult[];
};

/** Of all files for the same recipients that witnesses had before them. */
export type OfflineResult = OfflineResultName & { hasPassed: boolean };

/**
 * A value can be got back here when its envelope is there and the newest run that tried did open it and compare the fingerprint.
 * That an envelope was written is no proof.
 */
export const isRecoverable = ({ hasEnvelope, readBackRun, lostRun }: KeyVersionState): boolean =>
  hasEnvelope && readBackRun !== undefined && (lostRun === undefined || readBackRun > lostRun);

/** The newest run that tried could not open it here. */
export const isLost = ({ readBackRun, lostRun }: KeyVersionState): boolean =>
  lostRun !== undefined && (readBackRun === undefined || readBackRun <= lostRun);

const RUN_FIELDS = {
  readback: 'readBackRun',
  lost: 'lostRun',
  current: 'currentRun',
  unguarded: 'unguardedRun',
} as const satisfies Record<string, keyof KeyVersionState>;

/**
 * @param listedKeys keys of the objects under the key asset's prefix, in any order
 * @param now when it is asked, or the beginning of the run that asks: a fact that is dated after it says nothing
 */
export function readKeyStates(listedKeys: readonly string[], system: string, key: string, now: Date): Map<string, KeyVersionState> {
  const prefix = escrowPrefix(system, key);
  const states = new Map<string, KeyVersionState>();
  for (const listed of listedKeys) {
    const [, fingerprint, file = ''] = /^([0-9a-f]+)\/([^/]+)$/.exec(listed.startsWith(prefix) ? listed.slice(prefix.length) : '') ?? [];
    if (fingerprint === undefined) continue;
    const state = states.get(fingerprint) ?? unknownValue(fingerprint);
    states.set(fingerprint, withFile(state, file, now));
  }
  return states;
}

/** Of which nothing is there. */
export const unknownValue = (fingerprint: string): KeyVersionState => ({
  fingerprint,
  secretVersions: [],
  hasEnvelope: false,
  sealings: [],
  offlineFiles: [],
  readBackRun: undefined,
  lostRun: undefined,
  currentRun: undefined,
  unguardedRun: undefined,
  offlineProofs: [],
});

/** Each may have been made again, by a run: of a file that was found damaged, say. */
const ENVELOPE = /^envelope-([0-9a-f]{16}(?:-(.+))?)$/;
/** Who writes offline files may write names that begin alike: without the id of a run it is no result. */
const OFFLINE_RESULT = /^offline-(proof|failed)-(.+)\.json$/;

function withFile(state: KeyVersionState, file: string, now: Date): KeyVersionState {
  if (file === 'envelope') return { ...state, hasEnvelope: true };
  const [, sealing, madeIn] = ENVELOPE.exec(file) ?? [];
  if (sealing !== undefined && (madeIn === undefined || isRun(madeIn)))
    return { ...state, hasEnvelope: true, sealings: [...state.sealings, sealing] };
  const offline = file.endsWith('.json') ? parseOfflineName(file) : undefined;
  if (offline)
    return offline.run === '' || hasBegun(offline.run, now) ? { ...state, offlineFiles: [...state.offlineFiles, offline] } : state;
  const [, outcome, resultId] = OFFLINE_RESULT.exec(file) ?? [];
  const result = resultId === undefined ? undefined : parseOfflineResult(resultId);
  if (result && hasBegun(result.run, now))
    return { ...state, offlineProofs: [...state.offlineProofs, { ...result, hasPassed: outcome === 'proof' }] };
  const version = /^version-(.+)\.json$/.exec(file)?.[1];
  if (version !== undefined) return { ...state, secretVersions: [...state.secretVersions, decode(version)] };
  const fact = parseRunFact(file, now);
  if (fact === undefined) return state;
  const known = state[RUN_FIELDS[fact.kind]];
  return { ...state, [RUN_FIELDS[fact.kind]]: known === undefined || known < fact.run ? fact.run : known };
}

function decode(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}

/**
 * Versions that are old and were never seen before, although escrow has seen others: each was replaced before it was in escrow.
 * When nothing was ever seen, as on the first day of a key, nobody has gone around anything.
 */
export function selectUnguarded(
  listed: readonly { id: string; label: 'current' | 'pending' | 'old' }[],
  states: ReadonlyMap<string, KeyVersionState>,
): Set<string> {
  const known = new Set([...states.values()].flatMap(({ secretVersions }) => secretVersions));
  return new Set(known.size === 0 ? [] : listed.filter(({ id, label }) => label === 'old' && !known.has(id)).map(({ id }) => id));
}
