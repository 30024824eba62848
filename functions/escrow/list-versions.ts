import type { z } from 'zod';
import { keySource } from '../../adapters/escrow/key-source.ts';
import { listEscrow, namesOfKeys, unlessAway } from '../../adapters/escrow/list-escrow.ts';
import { openBucket } from '../../adapters/s3/bucket.ts';
import { ListVersionsEnvironment, ListVersionsRequest, type KeyVersion, type ListVersionsAnswer } from '../../core/escrow/contract.ts';
import { KeySourceUnavailable } from '../../core/escrow/errors.ts';
import { describePlace } from '../../core/escrow/key-place.ts';
import { bringsThoseThatLeft, keyPlace, readKeySources, selectKeys, type KeySources } from '../../core/escrow/key-sources.ts';
import { selectUnguarded } from '../../core/escrow/key-state.ts';
import { selectSettled, selectVersions } from '../../core/escrow/select-versions.ts';
import type { KeySource, SourceVersion } from '../../core/escrow/ports.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import { instantOfRun, runId } from '../../core/vault/ids.ts';
import { handle } from '../edge.ts';

type Region = Pick<ObjectReader, 'listVersions' | 'listFolders'>;
export type ListVersionsPorts = {
  system: string;
  source: KeySource;
  keys: KeySources;
  /** The escrow buckets. */
  home: Region;
  replica: Region;
};
type Request = z.output<typeof ListVersionsRequest>;
type Answer = z.output<typeof ListVersionsAnswer>;

/**
 * Every version of the secrets and parameters of the key assets asked for, as many as one run can take: ids only. A source that is gone
 * keeps no other key from being escrowed, nor its own envelopes from being opened: it is an item that fails in its turn.
 */
export async function listVersions({ input, execution, startedAt }: Request, ports: ListVersionsPorts): Promise<Answer> {
  const run = runId(new Date(startedAt), execution);
  const keys = selectKeys(input, ports.keys);
  const settled = new Map<string, Set<string>>();
  const listed: KeyVersion[] = [];
  for (const key of keys)
    try {
      const found = await versionsOf(key, run, ports);
      listed.push(...found.versions);
      settled.set(key, found.settled);
    } catch (error) {
      // A service that does not answer may do so at the next try of this step.
      if (!(error instanceof KeySourceUnavailable) || error.reason === 'unavailable') throw error;
      listed.push({ key, secretVersion: '', run, problem: { reason: error.reason, message: error.message } });
    }
  const { versions, later } = selectVersions(listed, ({ key, secretVersion }) => settled.get(key)?.has(secretVersion) === true, run);
  return { run, keys: [...keys, ...(await keysThatLeft(keys, ports))], versions, later };
}

async function versionsOf(key: string, run: string, { system, source, keys, home, replica }: ListVersionsPorts) {
  const place = keyPlace(keys, key);
  const listed: SourceVersion[] = [];
  for await (const version of source.listVersions(place)) listed.push(version);
  // Before the first value there is at most the version that a rotation has begun.
  if (listed.every(({ label }) => label === 'pending')) {
    const text = `${describePlace(place)} of the key asset '${key}' has no version that could be read`;
    throw new KeySourceUnavailable('version-missing', text.charAt(0).toUpperCase() + text.slice(1));
  }
  const began = new Date(instantOfRun(run));
  const atHome = await listEscrow(home, system, key, began);
  const atReplica = await unlessAway(listEscrow(replica, system, key, began));
  const unguarded = selectUnguarded(listed, atHome);
  const versions = listed.map(({ id, label }) => ({
    key,
    secretVersion: id,
    run,
    label,
    ...(unguarded.has(id) ? { isUnguarded: true } : {}),
  }));
  return { versions, settled: selectSettled(atReplica ? [atHome, atReplica] : [atHome]) };
}

/** Key assets that are in escrow and no longer in the plan, or under another name: points of before need them. */
async function keysThatLeft(asked: readonly string[], { system, keys, home, replica }: ListVersionsPorts): Promise<string[]> {
  if (!bringsThoseThatLeft(asked, keys)) return [];
  const folders = await Promise.all([namesOfKeys(home, system), unlessAway(namesOfKeys(replica, system))]);
  return [...new Set(folders.flatMap((names) => names ?? []))].filter((name) => !Object.hasOwn(keys, name)).sort();
}

export const handler = handle({
  environment: ListVersionsEnvironment,
  request: ListVersionsRequest,
  connect: (environment): ListVersionsPorts => ({
    system: environment.SYSTEM,
    source: keySource(),
    keys: readKeySources(environment.KEYS),
    home: openBucket(environment.ESCROW_BUCKET, {}, process.env).reader,
    replica: openBucket(environment.REPLICA_ESCROW_BUCKET, { region: environment.REPLICA_REGION }, process.env).reader,
  }),
  run: listVersions,
});
