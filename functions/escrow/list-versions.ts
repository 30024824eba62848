import type { z } from 'zod';
import { keySource } from '../../adapters/escrow/key-source.ts';
import { listEscrow } from '../../adapters/escrow/list-escrow.ts';
import { openBucket } from '../../adapters/s3/bucket.ts';
import { ListVersionsEnvironment, ListVersionsRequest, type KeyVersion, type ListVersionsAnswer } from '../../core/escrow/contract.ts';
import { KeySourceUnavailable } from '../../core/escrow/errors.ts';
import { describePlace } from '../../core/escrow/key-place.ts';
import { keyPlace, readKeySources, selectKeys, type KeySources } from '../../core/escrow/key-sources.ts';
import { selectUnguarded } from '../../core/escrow/key-state.ts';
import type { KeySource, SourceVersion } from '../../core/escrow/ports.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import { runId } from '../../core/vault/ids.ts';
import { handle } from '../edge.ts';

export type ListVersionsPorts = { system: string; source: KeySource; keys: KeySources; escrow: Pick<ObjectReader, 'listVersions'> };
type Request = z.output<typeof ListVersionsRequest>;
type Answer = z.output<typeof ListVersionsAnswer>;

/**
 * Every version of the secrets and parameters of the key assets asked for: ids only. A source that is gone keeps no other key from
 * being escrowed, nor its own envelopes from being opened: it is an item that fails in its turn.
 */
export async function listVersions({ input, execution, startedAt }: Request, ports: ListVersionsPorts): Promise<Answer> {
  const run = runId(new Date(startedAt), execution);
  const keys = selectKeys(input, ports.keys);
  const versions: KeyVersion[] = [];
  for (const key of keys)
    try {
      versions.push(...(await versionsOf(key, run, ports)));
    } catch (error) {
      // A service that does not answer may do so at the next try of this step.
      if (!(error instanceof KeySourceUnavailable) || error.reason === 'unavailable') throw error;
      versions.push({ key, secretVersion: '', run, problem: { reason: error.reason, message: error.message } });
    }
  return { run, keys, versions };
}

async function versionsOf(key: string, run: string, { system, source, keys, escrow }: ListVersionsPorts): Promise<KeyVersion[]> {
  const place = keyPlace(keys, key);
  const listed: SourceVersion[] = [];
  for await (const version of source.listVersions(place)) listed.push(version);
  // Before the first value there is at most the version that a rotation has begun.
  if (listed.every(({ label }) => label === 'pending')) {
    const text = `${describePlace(place)} of the key asset '${key}' has no version that could be read`;
    throw new KeySourceUnavailable('version-missing', text.charAt(0).toUpperCase() + text.slice(1));
  }
  const unguarded = selectUnguarded(listed, await listEscrow(escrow, system, key));
  return listed.map(({ id, label }) => ({ key, secretVersion: id, run, label, ...(unguarded.has(id) ? { isUnguarded: true } : {}) }));
}

export const handler = handle({
  environment: ListVersionsEnvironment,
  request: ListVersionsRequest,
  connect: (environment): ListVersionsPorts => ({
    system: environment.SYSTEM,
    source: keySource(),
    keys: readKeySources(environment.KEYS),
    escrow: openBucket(environment.ESCROW_BUCKET, {}, process.env).reader,
  }),
  run: listVersions,
});
