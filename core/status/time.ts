/** Two machines' clocks differ; past this, a time that lies ahead is no clock's imprecision. */
const CLOCK_SLACK_MILLISECONDS = 5 * 60_000;

export const isAhead = (at: string, now: Date): boolean => Date.parse(at) > now.getTime() + CLOCK_SLACK_MILLISECONDS;

/** Never negative. */
export const ageSeconds = (at: string, now: Date): number => Math.max(0, (now.getTime() - Date.parse(at)) / 1000);

/** That long after an instant. */
export const later = (at: string, seconds: number): string => new Date(Date.parse(at) + seconds * 1000).toISOString();

/** @param weight of two of one instant the heavier counts, so that no order of records changes what holds */
export function newestOf<T>(items: readonly T[], at: (item: T) => string, weight: (item: T) => number = () => 0): T | undefined {
  const compare = (a: T, b: T) => Date.parse(at(a)) - Date.parse(at(b)) || weight(a) - weight(b);
  return items.reduce<T | undefined>((newest, next) => (newest !== undefined && compare(newest, next) >= 0 ? newest : next), undefined);
}
