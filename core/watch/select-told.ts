/** Of all that a watcher finds, what it sends a message about: what is new, and once a day all that still holds. Pure. */
import type { Finding } from './finding.ts';

/** Hour of the day, in UTC, of the summary: people are at work in most of the world. */
const SUMMARY_HOUR = 7;
const DAY_MS = 86_400_000;

export type Told = { findings: Finding[]; isSummary: boolean };

/**
 * By the instants at which things began to be true, and not by what an earlier look saw: nothing is kept between looks, and none that
 * failed takes anything with it but for a day at most. The summary has besides what came and went since the last one.
 */
export function selectTold(findings: readonly Finding[], { since, until }: { since: Date; until: Date }): Told {
  const isIn = (from: number, at: string | undefined) => at !== undefined && Date.parse(at) > from && Date.parse(at) <= until.getTime();
  if (summaryBetween(since, until))
    return { findings: findings.filter((finding) => isOpen(finding) || isIn(until.getTime() - DAY_MS, beginOf(finding))), isSummary: true };
  return { findings: findings.filter((finding) => isIn(since.getTime(), beginOf(finding))), isSummary: false };
}

const beginOf = (finding: Finding) => ('since' in finding ? finding.since : undefined);

export const isOpen = (finding: Finding): boolean => finding.kind !== 'slot-missed' || finding.isOpen;

function summaryBetween(since: Date, until: Date): boolean {
  const hour = Date.UTC(until.getUTCFullYear(), until.getUTCMonth(), until.getUTCDate(), SUMMARY_HOUR);
  return since.getTime() < hour && hour <= until.getTime();
}

/** What the alarms watch. A slot counts while nothing newer came, and in the look that tells of it. */
export function countFindings(findings: readonly Finding[], told: Told) {
  const isNow = (finding: Finding) => isOpen(finding) || told.findings.includes(finding);
  const count = (...kinds: Finding['kind'][]) => findings.filter((finding) => kinds.includes(finding.kind) && isNow(finding)).length;
  return {
    slotsMissed: count('slot-missed'),
    objectivesBroken: count('objective-broken', 'replica-behind', 'point-unfinished', 'record-damaged'),
    withoutData: count('no-data', 'not-seen'),
    clocksDiffer: count('clock-differs'),
  };
}
