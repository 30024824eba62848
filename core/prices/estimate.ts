/** What one backup and one drill a month cost, beside a snapshot service and a host that is always on. A pure sum of list prices. */
import { PRICES, type PriceName } from './price-table.ts';

/** What a deployment is made of, and how long a task works. Stated, so that whoever disagrees can put in their own. */
export type Assumptions = {
  interfaceEndpoints: number;
  zones: number;
  keys: number;
  secrets: number;
  alarms: number;
  metrics: number;
  /** Stored bytes per byte of database, indexes included. */
  storedShare: number;
  taskVcpus: number;
  taskMemoryGb: number;
  /** For each GB of the database, on two cores. */
  dumpSecondsPerGb: number;
  verifySecondsPerGb: number;
  restoreSecondsPerGb: number;
  /** Pulling the image and starting, which Fargate bills. */
  taskStartSeconds: number;
  imageGb: number;
};

/**
 * Counts are those of the stacks of plans/ida.yaml in both regions, with a network of its own in each. Speeds are what `npm run bench` measures on two cores,
 * rounded up by half.
 */
export const ASSUMED: Assumptions = {
  interfaceEndpoints: 11,
  zones: 2,
  keys: 8,
  secrets: 4,
  alarms: 32,
  metrics: 10,
  storedShare: 0.29,
  taskVcpus: 2,
  taskMemoryGb: 4,
  dumpSecondsPerGb: 6,
  verifySecondsPerGb: 3,
  restoreSecondsPerGb: 17,
  taskStartSeconds: 60,
  imageGb: 0.2,
};

export type Line = { what: string; usd: number };
export type Way = { name: string; lines: Line[]; totalUsd: number; notes: string[] };

const HOURS_OF_MONTH = 730;
const SECONDS_OF_HOUR = 3600;
/** Of a part or a segment; a copy to the other region makes the same number again. */
const PART_GB = 0.016;
/** What Fargate has at most; a drill needs room for a whole database. */
export const LARGEST_STORAGE_GIB = 200;
/** What the stacks give the tasks of drills and restores today. */
export const DEPLOYED_STORAGE_GIB = 100;
const FREE_STORAGE_GB = 20;
/** Of one backup, one drill, and what they start. */
const TRANSITIONS = 60;
const FUNCTION_CALLS = 40;
const FUNCTION_GB_SECONDS = 0.5;
const LOGS_GB = 0.01;
const KMS_REQUESTS = 500;
/** Until a restored instance is up, has been looked at, and is gone. */
const TRIAL_HOURS = 2;
const DRILL_DATABASE_SHARE = 1.1;

const cost = (name: PriceName, amount: number): number => PRICES[name].usd * amount;
const line = (what: string, ...costs: number[]): Line => ({ what, usd: costs.reduce((sum, each) => sum + each, 0) });

function way(name: string, lines: Line[], notes: string[] = []): Way {
  return { name, lines, totalUsd: lines.reduce((sum, { usd }) => sum + usd, 0), notes };
}

function taskUsd(a: Assumptions, seconds: number, storageGb = FREE_STORAGE_GB): number {
  const hours = (seconds + a.taskStartSeconds) / SECONDS_OF_HOUR;
  const compute = cost('fargateVcpuHour', a.taskVcpus) + cost('fargateGbHour', a.taskMemoryGb);
  return hours * (compute + cost('fargateStorageGbHour', Math.max(0, storageGb - FREE_STORAGE_GB)));
}

/** @param network `new` is one that Holdfast makes, with endpoints of its own */
export function priceHoldfast(databaseGb: number, network: 'new' | 'existing' = 'new', a: Assumptions = ASSUMED): Way {
  const storedGb = databaseGb * a.storedShare;
  const parts = Math.ceil(storedGb / PART_GB);
  const drillGb = databaseGb * DRILL_DATABASE_SHARE + FREE_STORAGE_GB;
  const fits = drillGb <= LARGEST_STORAGE_GIB;
  const tasks = fits ? 3 : 2;
  return way(
    network === 'new' ? 'Holdfast, network of its own' : 'Holdfast in an existing network',
    [
      ...(network === 'new'
        ? [
            line(
              'interface endpoints',
              cost('endpointHour', a.interfaceEndpoints * a.zones * HOURS_OF_MONTH),
              cost('endpointGb', tasks * a.imageGb),
            ),
          ]
        : []),
      line('KMS keys', cost('kmsKeyMonth', a.keys), cost('kmsRequest', KMS_REQUESTS)),
      line('secrets', cost('secretMonth', a.secrets)),
      line('alarms, metrics and logs', cost('alarmMonth', a.alarms), cost('metricMonth', a.metrics), cost('logGb', LOGS_GB)),
      line('storage, both regions', cost('s3GbMonth', 2 * storedGb)),
      line('S3 requests', cost('s3Put', 2 * parts), cost('s3Get', 3 * parts)),
      line('transfer to the other region', cost('regionTransferGb', storedGb)),
      line('dump and verify', taskUsd(a, a.dumpSecondsPerGb * databaseGb), taskUsd(a, a.verifySecondsPerGb * databaseGb)),
      ...(fits ? [line('drill', taskUsd(a, a.restoreSecondsPerGb * databaseGb, drillGb))] : []),
      line(
        'state machines and functions',
        cost('transition', TRANSITIONS),
        cost('lambdaGbSecond', FUNCTION_CALLS * FUNCTION_GB_SECONDS),
        cost('lambdaRequest', FUNCTION_CALLS),
      ),
    ],
    drillNotes(drillGb),
  );
}

function drillNotes(storageGb: number): string[] {
  if (storageGb > LARGEST_STORAGE_GIB) return [`no drill: more than the ${LARGEST_STORAGE_GIB} GiB of a Fargate task`];
  return storageGb > DEPLOYED_STORAGE_GIB ? [`a drill needs more than the ${DEPLOYED_STORAGE_GIB} GiB that the stacks give it`] : [];
}

/** One snapshot kept for the month, its copy in the other region, and one restore to look at. */
export function priceSnapshots(databaseGb: number): Way {
  return way(
    'AWS Backup, RDS snapshots',
    [
      line('storage, both regions', cost('rdsSnapshotGbMonth', 2 * databaseGb)),
      line('transfer to the other region', cost('regionTransferGb', databaseGb)),
      line('KMS keys', cost('kmsKeyMonth', 2)),
      line('a trial restore', cost('rdsInstanceHour', TRIAL_HOURS), (cost('rdsStorageGbMonth', databaseGb) * TRIAL_HOURS) / HOURS_OF_MONTH),
    ],
    ['before what RDS gives of backup storage for nothing; a snapshot is no logical dump, and stays with RDS'],
  );
}

/** What people build by hand: a host with pg_dump, a disk for a dump and a trial restore, and the same objects in S3. */
export function priceHost(databaseGb: number, a: Assumptions = ASSUMED): Way {
  const storedGb = databaseGb * a.storedShare;
  const parts = Math.ceil(storedGb / PART_GB);
  return way('EC2 host, always on', [
    line('host', cost('hostHour', HOURS_OF_MONTH)),
    line('disk', cost('ebsGbMonth', FREE_STORAGE_GB + storedGb + databaseGb * DRILL_DATABASE_SHARE)),
    line('KMS keys', cost('kmsKeyMonth', 2)),
    line('storage, both regions', cost('s3GbMonth', 2 * storedGb)),
    line('S3 requests', cost('s3Put', 2 * parts), cost('s3Get', 2 * parts)),
    line('transfer to the other region', cost('regionTransferGb', storedGb)),
  ]);
}

export const priceWays = (databaseGb: number): Way[] => [
  priceHoldfast(databaseGb),
  priceHoldfast(databaseGb, 'existing'),
  priceSnapshots(databaseGb),
  priceHost(databaseGb),
];
