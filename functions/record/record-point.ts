import * as z from 'zod';
import { openBucket } from '../../adapters/s3/bucket.ts';
import { readManifest } from '../../adapters/vault/read-records.ts';
import { RecordEnvironment, RecordRequest, type RecordAnswer } from '../../core/backup/contract.ts';
import { measurePoint, type PointMeasure } from '../../core/record/measure-point.ts';
import type { ObjectReader, ObjectWriter } from '../../core/ports/object-store.ts';
import { chainKey, manifestKey } from '../../core/vault/keys.ts';
import { handle } from '../edge.ts';
import { putMetrics } from '../metrics.ts';
import { countNewPoint } from './count-new-point.ts';
import { linkPoints } from './link-points.ts';
import { readFacts } from './read-facts.ts';

const LongestRuns = z.record(z.string(), z.number());

export type RecordPorts = {
  vault: ObjectReader & ObjectWriter;
  publish: (dimensions: { system: string; asset: string }, measures: readonly PointMeasure[]) => void;
  now: () => Date;
  /** Seconds of the plan's `schedule.longestRun`, by asset. */
  longestRuns: Record<string, number>;
};

/**
 * Links the point, and any earlier one whose run died before it could, and publishes what the run was like. What is to be signed is
 * the manifest, the links, and facts of the point that its link does not name: those of a run that finished it after it was linked.
 */
export async function recordPoint(request: z.output<typeof RecordRequest>, ports: RecordPorts): Promise<z.output<typeof RecordAnswer>> {
  const { vault, publish, longestRuns } = ports;
  const { system, asset, point } = request;
  const { manifest } = await readManifest(vault, request);
  const { own, others } = await linkPoints(vault, { system, asset, point });
  const now = ports.now();
  // An asset that the plan has dropped since has no alarm that waits for it.
  const recency = { consistentAt: manifest.consistentAt, now, longestRunSeconds: longestRuns[asset] ?? 0 };
  publish({ system, asset }, countNewPoint(measurePoint(manifest, now), recency));
  const named = new Set('records' in own ? own.records.map(({ key }) => key) : []);
  const later = (await readFacts(vault, { system, asset, point })).map(({ key }) => key).filter((key) => !named.has(key));
  const links = [own, ...others].map((link) => chainKey(system, asset, link.link));
  return { link: chainKey(system, asset, own.link), sign: [manifestKey(system, asset, point), ...links, ...later] };
}

export const handler = handle({
  environment: RecordEnvironment,
  request: RecordRequest,
  connect: (environment): RecordPorts => {
    const { reader, writer } = openBucket(environment.VAULT_BUCKET, {}, process.env);
    return {
      vault: { ...reader, ...writer },
      publish: putMetrics,
      now: () => new Date(),
      longestRuns: LongestRuns.parse(JSON.parse(environment.LONGEST_RUNS)),
    };
  },
  run: recordPoint,
});
