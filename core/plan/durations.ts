/**
 * What a plan's durations mean in seconds and days. Seconds to weeks have one length. A month and a year do not: their least and
 * most are those of the calendar (P1M is 28 to 31 days, P3M 89 to 92, P1Y 365 to 366), and every caller says which one it means.
 * The most is the default, because what a plan promises to keep or lock must never end early.
 */
import type { Duration } from './schema-parts.ts';

export type DurationBound = 'least' | 'most';

const SECONDS_PER_DAY = 86_400;
const SECONDS = { S: 1, M: 60, H: 3_600, D: SECONDS_PER_DAY, W: 7 * SECONDS_PER_DAY } as const;

/** Days of a month by its number from January, in a leap year or not. */
const monthDays = (month: number, isLeap: boolean) => (month === 1 ? (isLeap ? 29 : 28) : [3, 5, 8, 10].includes(month) ? 30 : 31);
const isLeapYear = (year: number) => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);

/** Days of each month of 2000 to 2799: any start in a 400-year cycle of the calendar, and up to 400 years from there. */
const DAYS_OF_MONTHS = Array.from({ length: 9600 }, (_, i) => monthDays(i % 12, isLeapYear(2000 + Math.floor(i / 12))));

type Parsed = { seconds: number } | { months: number };

function parse(duration: Duration): Parsed {
  const match = /^P(T?)(\d+)([SMHDWY])$/.exec(duration);
  const [, time, digits, unit] = match ?? [];
  if (digits === undefined || unit === undefined) throw new RangeError(`'${duration}' is not a duration of one unit`);
  const count = Number(digits);
  if (unit === 'Y') return { months: 12 * count };
  if (unit === 'M' && time === '') return { months: count };
  return { seconds: count * SECONDS[unit as keyof typeof SECONDS] };
}

/** Least and most days that `months` months have, over the 400 years in which the calendar repeats itself. */
function calendarDays(months: number): { least: number; most: number } {
  const cycles = Math.floor(months / 4800);
  const rest = months % 4800;
  let sum = DAYS_OF_MONTHS.slice(0, rest).reduce((a, b) => a + b, 0);
  let [least, most] = [sum, sum];
  for (let start = 1; start < 4800; start++) {
    sum += (DAYS_OF_MONTHS[start + rest - 1] ?? 0) - (DAYS_OF_MONTHS[start - 1] ?? 0);
    least = Math.min(least, sum);
    most = Math.max(most, sum);
  }
  return { least: least + cycles * 146_097, most: most + cycles * 146_097 };
}

/** Seconds of a duration. Throws RangeError on text that the schema would not have let through. */
export function durationSeconds(duration: Duration, bound: DurationBound = 'most'): number {
  const parsed = parse(duration);
  if ('seconds' in parsed) return parsed.seconds;
  return calendarDays(parsed.months)[bound] * SECONDS_PER_DAY;
}

/** Whole days of a duration, rounded in the bound's own direction: at most up, at least down. S3 locks by whole days. */
export function durationDays(duration: Duration, bound: DurationBound = 'most'): number {
  const days = durationSeconds(duration, bound) / SECONDS_PER_DAY;
  return bound === 'most' ? Math.ceil(days) : Math.floor(days);
}

/** Whether `long` never ends before `short`. Two calendar durations are compared by their months: P12M is at least P1Y. */
export function isAtLeast(long: Duration, short: Duration): boolean {
  const [a, b] = [parse(long), parse(short)];
  if ('months' in a && 'months' in b) return a.months >= b.months;
  return durationSeconds(long, 'least') >= durationSeconds(short, 'most');
}

/** Text for people: `25 h`, `92 days`. */
export function describeSeconds(seconds: number): string {
  if (seconds >= 3 * SECONDS_PER_DAY) return `${trim(seconds / SECONDS_PER_DAY)} days`;
  if (seconds >= SECONDS.H) return `${trim(seconds / SECONDS.H)} h`;
  if (seconds >= SECONDS.M) return `${trim(seconds / SECONDS.M)} min`;
  return `${trim(seconds)} s`;
}

const trim = (value: number) => String(Math.round(value * 10) / 10);
