import { z } from 'zod';
import { keySource } from '../adapters/escrow/key-source.ts';
import { listKey } from '../adapters/escrow/list-escrow.ts';
import { openBucket } from '../adapters/s3/bucket.ts';
import { RotationRefused } from '../core/escrow/errors.ts';
import { findObstacles } from '../core/escrow/guard.ts';
import { placeOf } from '../core/escrow/key-place.ts';
import { escrowBucketName } from '../core/names.ts';
import { durationSeconds } from '../core/plan/durations.ts';
import { chooseAsset } from './assets.ts';
import { READING_EXITS } from './exit-codes.ts';
import { translated } from './machines/aws-errors.ts';
import { defineVerb } from './verb.ts';

export const escrowGuard = defineVerb({
  name: 'escrow guard',
  summary: 'Ask before a rotation: refuse it unless the version that it replaces is in escrow and was opened in both regions',
  positionals: [{ name: 'key', help: 'the key asset', isRequired: true }],
  options: [],
  isRemote: true,
  examples: ['npx holdfast escrow guard wallet-encryption-key', 'npx holdfast escrow guard wallet-encryption-key --quiet --output json'],
  exits: [...READING_EXITS, 'RotationRefused', 'KeySourceUnavailable'],
  input: z.strictObject({ key: z.string({ error: 'is missing: name a key asset' }) }),
  async run(context, { key: id }) {
    const plan = context.plan();
    const { id: key, source, escrow, objectives } = chooseAsset(plan, 'key', id, 'escrow guard');
    const connection = await context.connect();
    const versions = [];
    for await (const version of keySource(connection.settings(plan.home.region)).listVersions(placeOf(source))) versions.push(version);
    const now = context.frame.now();
    const places = [];
    for (const { region, account } of [plan.home, plan.replica]) {
      const bucket = escrowBucketName({ system: plan.system, account: account ?? connection.account, region });
      const { reader } = openBucket(bucket, connection.settings(region), context.frame.environment);
      const known = await translated(`Reading the escrow s3://${bucket}`, connection.where, () => listKey(reader, plan.system, key, now));
      places.push({ name: region, ...known });
    }
    const limitSeconds = durationSeconds(objectives.rpo) + durationSeconds(escrow.schedule.longestRun);
    const reasons = findObstacles({ key, versions, places, limitSeconds }, now);
    if (reasons.length > 0) throw new RotationRefused(reasons);
    const current = versions.find(({ label }) => label === 'current')?.id ?? '';
    return {
      data: { key, version: current, allowed: true },
      text: (paint) => `${paint('green', 'may be rotated')} ${key}: its version ${current} was opened in both regions`,
    };
  },
});
