/** What escrow knows of each value that a key ever had, by the keys of the objects in one region's bucket: nothing is read. Pure. */
import { escrowPrefix } from '../vault/keys.ts';

export type KeyVersionState = {
  fingerprint: string;
  /** Versions of the source that hold this value. */
  secretVersions: readonly string[];
  hasEnvelope: boolean;
  /** Ids of the recipients that its offline files were made for. */
  offlineFor: readonly string[];
  /** Runs, by their ids, which begin with a time: the newest that opened the envelope here, and the newest that could not. */
  readBackRun: string | undefined;
  lostRun: string | undefined;
  /** The newest run that had this as the current value. */
  currentRun: string | undefined;
  unguardedRun: string | undefined;
  /** The newest witnessed proof that its offline file can be opened. */
  offlineProofRun: string | undefined;
  /** The newest that it can not. */
  offlineFailedRun: string | undefined;
};

/**
 * A value can be got back here when its envelope is there and the newest run that tried did open it and compare the fingerprint.
 * That an envelope was written is no proof.
 */
export const isRecoverable = ({ hasEnvelope, readBackRun, lostRun }: KeyVersionState): boolean =>
  hasEnvelope && readBackRun !== undefined && (lostRun === undefined || readBackRun > lostRun);

/** Witnesses saw its offline file give this value, and none has seen since that it does not. */
export const isProvenOffline = ({ offlineProofRun, offlineFailedRun }: KeyVersionState): boolean =>
  offlineProofRun !== undefined && (offlineFailedRun === undefined || offlineProofRun > offlineFailedRun);

const RUN_FIELDS = {
  readback: 'readBackRun',
  lost: 'lostRun',
  current: 'currentRun',
  unguarded: 'unguardedRun',
  'offline-proof': 'offlineProofRun',
  'offline-failed': 'offlineFailedRun',
} as const satisfies Record<string, keyof KeyVersionState>;
const isRunKind = (kind: string): kind is keyof typeof RUN_FIELDS => Object.hasOwn(RUN_FIELDS, kind);

/** @param listedKeys keys of the objects under the key asset's prefix, in any order */
export function readKeyStates(listedKeys: readonly string[], system: string, key: string): Map<string, KeyVersionState> {
  const prefix = escrowPrefix(system, key);
  const states = new Map<string, KeyVersionState>();
  for (const listed of listedKeys) {
    const [, fingerprint, file = ''] = /^([0-9a-f]+)\/([^/]+)$/.exec(listed.startsWith(prefix) ? listed.slice(prefix.length) : '') ?? [];
    if (fingerprint === undefined) continue;
    const state = states.get(fingerprint) ?? unknown(fingerprint);
    states.set(fingerprint, withFile(state, file));
  }
  return states;
}

const unknown = (fingerprint: string): KeyVersionState => ({
  fingerprint,
  secretVersions: [],
  hasEnvelope: false,
  offlineFor: [],
  readBackRun: undefined,
  lostRun: undefined,
  currentRun: undefined,
  unguardedRun: undefined,
  offlineProofRun: undefined,
  offlineFailedRun: undefined,
});

function withFile(state: KeyVersionState, file: string): KeyVersionState {
  if (file === 'envelope') return { ...state, hasEnvelope: true };
  const recipients = /^offline-([0-9a-f]+)\.age$/.exec(file)?.[1];
  if (recipients !== undefined) return { ...state, offlineFor: [...state.offlineFor, recipients] };
  const [, kind = '', id = ''] = /^(offline-proof|offline-failed|[a-z]+)-(.+)\.json$/.exec(file) ?? [];
  if (kind === 'version') return { ...state, secretVersions: [...state.secretVersions, decode(id)] };
  if (!isRunKind(kind)) return state;
  const known = state[RUN_FIELDS[kind]];
  return { ...state, [RUN_FIELDS[kind]]: known === undefined || known < id ? id : known };
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
