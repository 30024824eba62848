/** The keys that the point needs, from escrow and never from the live secret. They are opened here, in the runner; the database never sees one. */
import type { ThrowawayConnection } from '../../adapters/postgres/throwaway.ts';
import { canaryCheckName, CanaryMalformed, openCanary, recoveredCheckName } from '../../core/drill/canary.ts';
import type { CheckResult } from '../../core/drill/contract.ts';
import { KeyNotRecoverable } from '../../core/escrow/errors.ts';
import type { KeyCanary, PostgresAsset } from '../../core/plan/schema.ts';
import type { Manifest } from '../../core/vault/manifest.ts';
import { readRows } from './measure.ts';

/** Opens one escrowed key. Throws KeyNotRecoverable when it cannot be got back; any other error says that nobody found out. */
export type OpenKey = (key: string, fingerprint: string) => Promise<Uint8Array>;

type Asset = { needsKeys: PostgresAsset['needsKeys']; drill: Pick<PostgresAsset['drill'], 'canaries'> };

const CANARY_TIMEOUT_SECONDS = 300;

export async function checkKeys(
  database: ThrowawayConnection,
  asset: Asset,
  keys: Manifest['keys'],
  openKey: OpenKey,
  { signal, now }: { signal: AbortSignal; now: () => Date },
): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  const opened = new Map<string, Uint8Array[]>();
  try {
    for (const key of new Set([
      ...asset.needsKeys,
      ...asset.drill.canaries.map((canary) => canary.key),
      ...keys.map((entry) => entry.key),
    ])) {
      signal.throwIfAborted();
      const fingerprints = keys.filter((entry) => entry.key === key).map((entry) => entry.fingerprint);
      const began = now();
      const { values, problem } = await openAll(key, fingerprints, openKey);
      opened.set(key, values);
      results.push({
        name: recoveredCheckName(key),
        kind: 'canary',
        outcome: problem ? 'failed' : 'passed',
        expected: 'every version that the point names',
        measured: problem ?? `${values.length} recovered`,
        seconds: secondsSince(began, now),
      });
    }
    for (const canary of asset.drill.canaries) {
      const began = now();
      const result = await checkCanary(database, canary, opened.get(canary.key) ?? []);
      results.push({ ...result, seconds: secondsSince(began, now) });
    }
    return results;
  } finally {
    for (const values of opened.values()) for (const value of values) value.fill(0);
  }
}

const secondsSince = (began: Date, now: () => Date) => (now().getTime() - began.getTime()) / 1000;

async function openAll(key: string, fingerprints: string[], openKey: OpenKey): Promise<{ values: Uint8Array[]; problem?: string }> {
  if (fingerprints.length === 0)
    return { values: [], problem: 'the point names no version of it: it was not in escrow when the point was made' };
  const values: Uint8Array[] = [];
  for (const fingerprint of fingerprints)
    try {
      values.push(await openKey(key, fingerprint));
    } catch (error) {
      if (!(error instanceof KeyNotRecoverable)) throw error;
      return { values, problem: `${error.reason}, fingerprint ${fingerprint.slice(0, 12)}` };
    }
  return { values };
}

async function checkCanary(database: ThrowawayConnection, canary: KeyCanary, keys: readonly Uint8Array[]): Promise<CheckResult> {
  const result = { name: canaryCheckName(canary.key, canary.name), kind: 'canary' as const, expected: 'authenticated' };
  const fail = (measured: string): CheckResult => ({ ...result, outcome: 'failed', measured });
  if (keys.length === 0) return fail('the key is not there to try');
  const rows = await readRows(database, canary.sql, CANARY_TIMEOUT_SECONDS);
  if (!Array.isArray(rows)) return fail(rows.problem);
  const value = rows[0]?.[0];
  if (rows.length !== 1 || rows[0]?.length !== 1)
    return fail(`${rows.length} rows of ${rows[0]?.length ?? 0} columns instead of one value`);
  if (value === null || value === undefined) return fail('NULL');
  const verdicts = keys.map((key) => tryCanary(canary, key, value));
  if (verdicts.includes('authenticated')) return { ...result, outcome: 'passed', measured: 'authenticated' };
  return fail(verdicts.find((verdict) => verdict !== 'not authenticated') ?? 'not authenticated');
}

/** What is wrong with one value of the key says nothing of the next, which the row may be of. */
function tryCanary(canary: KeyCanary, key: Uint8Array, value: Uint8Array | string): string {
  try {
    return openCanary(canary, key, value);
  } catch (error) {
    if (error instanceof CanaryMalformed) return error.message;
    throw error;
  }
}
