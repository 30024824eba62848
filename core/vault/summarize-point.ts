/** A point in one line: what holds of it now, decided from all facts of a kind. */
import type { DrilledFact, Fact } from './facts.ts';
import type { Manifest } from './manifest.ts';

export type PointSummary = {
  point: string;
  /** The data point: every row committed before it is in the dump. */
  consistentAt: string;
  committedAt: string;
  /** Of all objects, as they are stored. */
  sizeBytes: number;
  verifiedAt: string | undefined;
  lockedUntil: string | undefined;
  lockMode: 'governance' | 'compliance' | undefined;
  replicatedAt: string | undefined;
  replicaRegion: string | undefined;
  /** The newest drill, whatever came of it. */
  lastDrill: { at: string; outcome: DrilledFact['outcome']; rtoSeconds: number; from: DrilledFact['from']; reasons: string[] } | undefined;
  /** The values of keys that its content was encrypted with. */
  keys: Manifest['keys'];
  /** When the newest drill passed; undefined when the newest one failed, whatever an older one said. */
  provenAt: string | undefined;
};

type OfKind<K extends Fact['kind']> = Extract<Fact, { kind: K }>;

/** Oldest first; `at` is UTC in one form, so its text is in order. */
const ofKind = <K extends Fact['kind']>(facts: readonly Fact[], kind: K): OfKind<K>[] =>
  facts.filter((fact): fact is OfKind<K> => fact.kind === kind).toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));

export function summarizePoint(manifest: Manifest, facts: readonly Fact[]): PointSummary {
  // A lock is only ever extended: the longest one holds.
  const lock = ofKind(facts, 'locked')
    .toSorted((a, b) => Date.parse(a.until) - Date.parse(b.until))
    .at(-1);
  const replicated = ofKind(facts, 'replicated').at(-1);
  const drills = ofKind(facts, 'drilled');
  const last = drills.at(-1);
  return {
    point: manifest.point,
    consistentAt: manifest.consistentAt,
    committedAt: manifest.finishedAt,
    sizeBytes: manifest.objects.reduce((sum, object) => sum + object.sizeBytes, 0),
    verifiedAt: ofKind(facts, 'verified').at(-1)?.at,
    lockedUntil: lock?.until,
    lockMode: lock?.mode,
    replicatedAt: replicated?.at,
    replicaRegion: replicated?.region,
    lastDrill: last && { at: last.at, outcome: last.outcome, rtoSeconds: last.rtoSeconds, from: last.from, reasons: last.reasons },
    keys: manifest.keys,
    provenAt: last?.outcome === 'passed' ? last.at : undefined,
  };
}
