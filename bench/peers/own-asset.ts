/** The protection plan's asset that our own tasks are given. */
import { PostgresAsset } from '../../core/plan/schema.ts';
import type { DumpOptions } from '../../core/plan/schema-assets.ts';
import type { z } from 'zod';

export type OwnSettings = { format: z.input<typeof DumpOptions>['format']; workers: number };

export const SOURCE_SECRET = 'bench/source';

export const ownAsset = ({ format, workers }: OwnSettings, postgresMajor: number): PostgresAsset =>
  PostgresAsset.parse({
    id: 'database',
    kind: 'postgres',
    objectives: { rpo: 'P1D', rto: 'PT1H' },
    source: { secret: SOURCE_SECRET, tls: 'disable', ca: 'system', postgresMajor },
    dump: { format, workers },
    restore: { secret: SOURCE_SECRET },
    schedule: { cron: '0 1 * * ? *', longestRun: 'PT4H' },
    retention: { hot: 'P30D' },
    lock: { length: 'P14D', longestDetection: 'P7D' },
    drill: {
      schedule: { cron: '0 5 1 * ? *', longestRun: 'PT4H' },
      period: 'P3M',
      jobs: workers,
      checks: [{ name: 'tenants', sql: 'SELECT count(*) FROM tenants', compare: '>=', expect: 1 }],
    },
    task: { cpu: 2048, memoryMiB: 4096 },
  } satisfies z.input<typeof PostgresAsset>);
