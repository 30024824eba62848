/** Cold storage: what S3 bills at least, what it moves at all, and how long it takes to have it back. */
import { priceGb, STORAGE_CLASSES } from '../../prices/storage-classes.ts';
import { durationDays, durationSeconds } from '../durations.ts';
import type { Finding } from '../finding.ts';
import type { PostgresAsset } from '../schema.ts';
import { WINDOWS } from './retention.ts';
import { finding, postgresAssets, type Path, type Rule } from './rule.ts';

export const checkCold: Rule = (plan) =>
  postgresAssets(plan).flatMap(({ asset, path }) => {
    const { cold } = asset.retention;
    if (cold === undefined) return [];
    const { minimumDays, earliestDays, retrievalHours } = STORAGE_CLASSES[cold.class];
    const field = [...path, 'retention', 'cold'];
    const findings: Finding[] = [];
    const add = (severity: Finding['severity'], inner: Path, problem: string, fix: string) =>
      void findings.push(finding(plan, severity, [...field, ...inner], problem, fix));

    const afterDays = durationDays(cold.after, 'least');
    if (afterDays < earliestDays)
      add('error', ['after'], `S3 moves nothing to ${cold.class} in its first ${earliestDays} days`, `Write P${earliestDays}D or more`);
    if (retrievalHours > 0) {
      const rtoHours = durationSeconds(asset.objectives.rto, 'least') / 3600;
      if (rtoHours < retrievalHours) {
        const problem = `A point in ${cold.class} is back after up to ${retrievalHours} h, and the stated RTO is ${asset.objectives.rto}`;
        add('warning', ['class'], problem, 'Take glacier-ir, which is read at once, or accept the longer RTO for old points in a gap');
      }
    }
    const longest = longestDays(asset);
    if (longest === undefined) return findings;
    if (longest <= afterDays)
      add(
        'warning',
        ['after'],
        `No point is kept for longer than ${longest} days, so none would ever move`,
        'Leave `cold` out, or write less',
      );
    else {
      const days = longest - afterDays;
      const { coldUsd, hotUsd } = priceGb(cold.class, days);
      const prices = `$${coldUsd.toFixed(4)} a GB, and $${hotUsd.toFixed(4)} where it is`;
      if (coldUsd >= hotUsd)
        add('warning', [], `Moving a point for its last ${days} days costs more than leaving it: ${prices}`, 'Leave `cold` out');
      else if (days < minimumDays) {
        const problem = `S3 bills ${minimumDays} days of ${cold.class} at least, and points would be there for ${days}: ${prices}`;
        add('warning', ['class'], problem, 'Take a class with a shorter minimum, or leave `cold` out');
      }
    }
    if (afterDays < durationDays(asset.retention.hot)) {
      const problem = `Points move after ${afterDays} days, while every one of them is kept for ${asset.retention.hot}: most go before they were cold for the ${minimumDays} days that are billed`;
      add('warning', ['after'], problem, `Write ${asset.retention.hot} or more`);
    }
    return findings;
  });

/** Undefined when some are kept for ever. */
function longestDays({ retention }: PostgresAsset): number | undefined {
  if (retention.forever) return undefined;
  return Math.max(...[retention.hot, ...WINDOWS.flatMap((window) => retention[window] ?? [])].map((length) => durationDays(length)));
}
