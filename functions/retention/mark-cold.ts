import type { z } from 'zod';
import { openBucket } from '../../adapters/s3/bucket.ts';
import type { ListedVersion, ObjectReader, ObjectTagger } from '../../core/ports/object-store.ts';
import { COLD_TAG, isToMark, markedInThisRun, selectColdPoints } from '../../core/retention/cold.ts';
import { DecideRequest, RetentionEnvironment, type MarkColdAnswer } from '../../core/retention/contract.ts';
import { decideRetention } from '../../core/retention/decide.ts';
import { readPointStates } from '../../core/retention/inventory.ts';
import { severalAtOnce } from '../../core/several-at-once.ts';
import { assetDataPrefix, pointDataPrefix } from '../../core/vault/keys.ts';
import { handle } from '../edge.ts';

const TAGS_AT_ONCE = 50;

export type MarkColdPorts = { system: string; vault: ObjectReader; tagger: ObjectTagger; now: () => Date };

/**
 * Marks the data of points that have become old enough, so that the bucket's own rule moves it. What is moved and what is not is read
 * off one listing of the data: nothing is kept about it, and done again it changes nothing.
 */
export async function markCold({ asset, policy }: DecideRequest, { system, vault, tagger, now }: MarkColdPorts): Promise<MarkColdAnswer> {
  const { cold } = policy;
  if (cold === undefined) return { points: 0, marked: 0, later: 0 };
  const at = now();
  const states = await readPointStates(vault, { system, asset }, policy, at);
  const points = selectColdPoints(states, decideRetention(states, policy, at), cold);
  const prefixes = new Set([...points].map((point) => pointDataPrefix(system, asset, point)));
  const all: ListedVersion[] = [];
  if (points.size > 0)
    for await (const version of vault.listVersions(assetDataPrefix(system, asset)))
      if (prefixes.has(pointOf(version.key)) && isToMark(version, cold)) all.push(version);
  const { now: versions, later } = markedInThisRun(all);
  await severalAtOnce(versions, TAGS_AT_ONCE, (version) => tagger.tag(version, COLD_TAG, cold.class));
  return { points: points.size, marked: versions.length, later };
}

/** The prefix of the point that an object belongs to: `data/<system>/<asset>/<YYYY>/<MM>/<DD>/<point>/`. */
const pointOf = (key: string) => `${key.split('/').slice(0, 7).join('/')}/`;

function connect(environment: z.output<typeof RetentionEnvironment>): MarkColdPorts {
  const { reader, tagger } = openBucket(environment.VAULT_BUCKET, {}, process.env);
  return { system: environment.SYSTEM, vault: reader, tagger, now: () => new Date() };
}

export const handler = handle({ environment: RetentionEnvironment, request: DecideRequest, connect, run: markCold });
