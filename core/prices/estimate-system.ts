/** What the backups and drills of a whole plan cost a month: the sum of a single one, by how often each runs. */
import { runsBetween } from '../plan/cron.ts';
import type { PostgresAsset, ProtectionPlan } from '../plan/schema.ts';
import { ASSUMED, priceHoldfast, type Line, type Way } from './estimate.ts';
import { PRICES } from './price-table.ts';

/** `databaseBytes`: of the source, with its indexes; undefined where no point says. `storedBytes`: of all points that are kept. */
export type SizeOfDatabase = { asset: PostgresAsset; databaseBytes: number | undefined; storedBytes: number };

const GB = 1e9;
const DAYS = 30;
/** Lines of one backup or one drill; the others are there whatever runs. */
const OF_A_BACKUP = new Set(['S3 requests', 'transfer to the other region', 'dump and verify', 'state machines and functions']);
const OF_A_DRILL = new Set(['drill']);

export function priceSystem(plan: ProtectionPlan, sizes: readonly SizeOfDatabase[], now: Date): Way {
  const until = new Date(now.getTime() + DAYS * 86_400_000);
  const timesOf = cached((cron, timeZone) => runsBetween({ cron, timeZone }, now, until).length);
  const network = plan.network.kind === 'new' ? 'new' : 'existing';
  const standing = priceHoldfast(0, network).lines.filter(({ what }) => !OF_A_BACKUP.has(what) && !OF_A_DRILL.has(what));
  const sums = new Map<string, number>(standing.map(({ what, usd }) => [what, usd]));
  const add = (what: string, usd: number) => sums.set(what, (sums.get(what) ?? 0) + usd);
  for (const { asset, databaseBytes, storedBytes } of sizes) {
    const backups = timesOf(asset.schedule.cron, asset.schedule.timeZone);
    const { schedule, fromReplica } = asset.drill;
    const drills = timesOf(schedule.cron, schedule.timeZone) + (fromReplica ? timesOf(fromReplica.cron, fromReplica.timeZone) : 0);
    for (const { what, usd } of priceHoldfast((databaseBytes ?? 0) / GB, 'existing').lines) {
      if (OF_A_BACKUP.has(what)) add(what, usd * backups);
      if (OF_A_DRILL.has(what)) add(what, usd * drills);
    }
    add('storage, both regions', (2 * storedBytes * PRICES.s3GbMonth.usd) / GB);
  }
  const lines: Line[] = [...sums].map(([what, usd]) => ({ what, usd })).filter(({ usd }) => usd >= 0.005);
  return {
    name: 'Holdfast',
    lines: lines.toSorted((a, b) => b.usd - a.usd),
    totalUsd: lines.reduce((sum, { usd }) => sum + usd, 0),
    notes: notesOf(sizes),
  };
}

const notesOf = (sizes: readonly SizeOfDatabase[]): string[] => {
  const unknown = sizes.filter(({ databaseBytes }) => databaseBytes === undefined).map(({ asset }) => asset.id);
  return [
    `List prices of us-east-1 and us-west-2, before tax and discounts; ${ASSUMED.taskVcpus} vCPUs a task, all storage as S3 Standard.`,
    ...(unknown.length === 0
      ? []
      : [`Without the size of ${unknown.slice(0, 5).join(', ')}${unknown.length > 5 ? ' and others' : ''}: no point says it yet.`]),
  ];
};

function cached(count: (cron: string, timeZone: string) => number) {
  const known = new Map<string, number>();
  return (cron: string, timeZone: string): number => {
    const name = `${cron} ${timeZone}`;
    const found = known.get(name) ?? count(cron, timeZone);
    known.set(name, found);
    return found;
  };
}
