import type { z } from 'zod';
import { listKey } from '../../adapters/escrow/list-escrow.ts';
import { keySource } from '../../adapters/escrow/key-source.ts';
import { callRotation } from '../../adapters/escrow/call-rotation.ts';
import { openBucket } from '../../adapters/s3/bucket.ts';
import { Guarded, GuardEnvironment, GuardRequest, type GuardAnswer, type RotationEvent } from '../../core/escrow/contract.ts';
import { BadEscrowInput, RotationRefused } from '../../core/escrow/errors.ts';
import { findObstacles, findObstaclesAtEnd } from '../../core/escrow/guard.ts';
import { keyPlace, keysOfSecret, readKeySources, type KeySources } from '../../core/escrow/key-sources.ts';
import type { KeySource, SourceVersion } from '../../core/escrow/ports.ts';
import { parseJson } from '../../core/parse-json.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import { handle } from '../edge.ts';

export type GuardPorts = {
  system: string;
  source: KeySource;
  keys: KeySources;
  guarded: Guarded;
  places: readonly { name: string; escrow: Pick<ObjectReader, 'listVersions'> }[];
  /** Calls the function that makes the new value, with what Secrets Manager said, and throws what it throws. */
  rotate: (functionArn: string, event: RotationEvent) => Promise<void>;
  now: () => Date;
};

/**
 * Stands in front of a rotation: as the secret's rotation function, which calls the real one, or asked by a pipeline. It sees ids of
 * versions and names of facts, and no value. The first step is refused; of the others the last alone, when what it would replace is not
 * what the first one looked at and escrow never saw it: a rotation that has begun to change things is to end.
 */
export async function guardRotation(request: z.output<typeof GuardRequest>, ports: GuardPorts): Promise<GuardAnswer> {
  const event = 'Step' in request ? request : undefined;
  const keys = 'Step' in request ? keysOfSecret(ports.keys, request.SecretId) : [request.key];
  if (keys.length === 0)
    throw new BadEscrowInput(
      'No key asset of this plan has this secret as its source',
      'Give the guard only to secrets that the plan names',
    );
  const reasons: string[] = [];
  for (const key of keys) reasons.push(...(await obstaclesOf(key, event, ports)));
  if (reasons.length > 0) throw new RotationRefused(reasons);
  if (event) await ports.rotate(rotationFunctionOf(keys, ports.guarded), event);
  return { allowed: true, keys };
}

async function obstaclesOf(key: string, event: RotationEvent | undefined, ports: GuardPorts): Promise<string[]> {
  const isLast = event?.Step === 'finishSecret';
  if (event && event.Step !== 'createSecret' && !isLast) return [];
  const versions: SourceVersion[] = [];
  for await (const version of ports.source.listVersions(keyPlace(ports.keys, key))) versions.push(version);
  const now = ports.now();
  const places = [];
  for (const { name, escrow } of ports.places) places.push({ name, ...(await listKey(escrow, ports.system, key, now)) });
  const question = { key, versions, places, replacement: event?.ClientRequestToken };
  if (isLast) return findObstaclesAtEnd(question);
  return findObstacles({ ...question, limitSeconds: ports.guarded[key]?.limitSeconds ?? 0 }, now);
}

function rotationFunctionOf(keys: readonly string[], guarded: Guarded): string {
  const [rotationFunction] = keys.flatMap((key) => guarded[key]?.rotationFunction ?? []);
  if (rotationFunction !== undefined) return rotationFunction;
  const advice = 'Name it in the plan as `escrow.rotationFunction`, and deploy again';
  throw new BadEscrowInput('The plan does not say which function rotates this secret', advice);
}

export const handler = handle({
  environment: GuardEnvironment,
  request: GuardRequest,
  connect: (environment): GuardPorts => ({
    system: environment.SYSTEM,
    source: keySource(),
    keys: readKeySources(environment.KEYS),
    guarded: Guarded.parse(parseJson(environment.GUARDED)),
    places: [
      { name: 'the vault’s region', escrow: openBucket(environment.ESCROW_BUCKET, {}, process.env).reader },
      {
        name: 'the replica’s region',
        escrow: openBucket(environment.REPLICA_ESCROW_BUCKET, { region: environment.REPLICA_REGION }, process.env).reader,
      },
    ],
    rotate: callRotation({}),
    now: () => new Date(),
  }),
  run: guardRotation,
});
