/** How much of a vault is read to tell what drills found: ten years of evidence are many objects. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readDrills } from '../../cli/evidence/read-drills.ts';
import { openBucket } from '../../adapters/s3/bucket.ts';
import type { DrillEvidence } from '../../core/drill/contract.ts';
import { parsePlan } from '../../core/plan/load.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import { evidenceKey } from '../../core/vault/keys.ts';
import { freshBucket, rootSettings } from '../helpers/servers.ts';

const plan = parsePlan(readFileSync('plans/ida.yaml', 'utf8'), 'plans/ida.yaml');
const NOW = new Date('2026-06-30T00:00:00Z');
const DRILLS = 60;

const drill = (run: string): DrillEvidence => ({
  format: 'holdfast/drill-evidence/v1',
  system: plan.system,
  asset: 'postgres',
  run,
  execution: 'arn:aws:states:eu-central-1:000000000000:execution:drill:x',
  outcome: 'passed',
  reasons: [],
  startedAt: '2026-01-02T02:03:00.000Z',
  judgedAt: '2026-01-02T05:00:00.000Z',
  objectives: { rpoSeconds: 3600, rtoSeconds: 3600 },
  measured: { target: 'ephemeral PostgreSQL 16', rtoSeconds: 600 },
});

it('reads no more for a database than its own newest drills, whether or not another was ever drilled', async () => {
  const settings = rootSettings();
  const { reader, writer } = openBucket(await freshBucket(), settings, { AWS_ENDPOINT_URL: settings.endpointUrl });
  const runs = Array.from({ length: DRILLS }, (_, minute) => `20260102T02${String(minute).padStart(2, '0')}00Z-3fa9c1`);
  await Promise.all(runs.map((run) => writer.putOnce(evidenceKey(plan.system, 'drill', run), JSON.stringify(drill(run)))));
  let reads = 0;
  const counting: ObjectReader = {
    ...reader,
    get: (ref) => {
      reads += 1;
      return reader.get(ref);
    },
  };
  const found = await readDrills(counting, plan, NOW, undefined, ['postgres']);
  expect(found.get('postgres')?.map(({ run }) => run)).toEqual(runs.toReversed().slice(0, 40));
  expect(reads).toBe(40);
  // Of one that no evidence names, all of it is looked at.
  const both = await readDrills(counting, plan, NOW, undefined, ['postgres', 'never-drilled']);
  expect(both.get('postgres')).toEqual(found.get('postgres'));
  expect(both.get('never-drilled')).toEqual([]);
  expect(reads).toBe(40 + DRILLS);
});
