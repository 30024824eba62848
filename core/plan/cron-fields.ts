/**
 * The six fields of an EventBridge Scheduler cron expression, checked by its rules and translated to croner's. Where the service's
 * documentation does not say what a form means (`LW`, `L-3`, ranges that wrap around), it is refused rather than guessed.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 */
import { Cron } from 'croner';
import { HoldfastError } from '../failure/error.ts';

export class CronInvalid extends HoldfastError {
  readonly failure = 'BadInput';
}

export type CronFields = {
  /** Minutes since midnight at which a matching day has its runs, ascending. */
  minutesOfDay: readonly number[];
  /** First matching day from a day on, midnight in UTC standing for the day; undefined when no more come. */
  nextDay: (fromDayMs: number) => number | undefined;
};

type FieldRule = { name: string; least: number; most: number; names?: readonly string[]; special?: (text: string) => string | undefined };

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

const RULES: readonly FieldRule[] = [
  { name: 'minutes', least: 0, most: 59 },
  { name: 'hours', least: 0, most: 23 },
  { name: 'day-of-month', least: 1, most: 31, special: specialDayOfMonth },
  { name: 'month', least: 1, most: 12, names: MONTHS },
  { name: 'day-of-week', least: 1, most: 7, names: WEEKDAYS, special: specialDayOfWeek },
  { name: 'year', least: 1970, most: 2199 },
];

/** A plan has few, and each is asked for at every slot: reading one takes a thousand times as long as looking it up. */
const read = new Map<string, CronFields>();

/** `cron(...)` around the fields is how Scheduler's API wants them; the plan has the fields alone. Throws CronInvalid. */
export function parseCron(cron: string): CronFields {
  const known = read.get(cron);
  if (known) return known;
  const fields = readCron(cron);
  read.set(cron, fields);
  return fields;
}

function readCron(cron: string): CronFields {
  if (/^\s*(cron|rate|at)\s*\(/i.test(cron))
    throw new CronInvalid(`'${cron}' has a function around it`, 'Write the six fields alone: 0 2 * * ? *');
  const parts = cron.trim().split(/\s+/);
  if (parts.length !== 6) {
    const advice =
      parts.length === 5
        ? 'Add the year, and ? in one of the day fields: 0 2 * * ? *'
        : 'Write minutes hours day-of-month month day-of-week year';
    throw new CronInvalid(`'${cron}' has ${parts.length} fields, not six`, advice);
  }
  const [minutes = '', hours = '', dayOfMonth = '', month = '', dayOfWeek = '', year = ''] = parts;
  if ((dayOfMonth === '?') === (dayOfWeek === '?')) {
    throw new CronInvalid(`'${cron}' needs ? in exactly one of day-of-month and day-of-week`, `Write ${suggestQuestionMark(parts)}`);
  }
  const translated = [minutes, hours, dayOfMonth, month, dayOfWeek, year].map((text, i) => translateField(text, RULES[i] as FieldRule));
  const [mi, ho, dom, mo, dow, ye] = translated;
  // Most schedules are daily, and five years of days take croner a tenth of a second.
  const isEveryDay = [dom, mo, dow, ye].every((field) => field === '*');
  return {
    minutesOfDay: minutesOfDay(`${mi} ${ho}`),
    nextDay: isEveryDay ? (day) => day : daysOf(croner(`0 0 0 ${dom} ${mo} ${dow} ${ye}`)),
  };
}

/** croner looks strictly after the instant it is given. */
const daysOf = (pattern: Cron) => (fromDayMs: number) => pattern.nextRun(new Date(fromDayMs - 1000))?.getTime();

const croner = (pattern: string) => new Cron(pattern, { mode: '7-part', timezone: 'UTC', alternativeWeekdays: true, paused: true });

function minutesOfDay(minutesAndHours: string): number[] {
  const pattern = croner(`0 ${minutesAndHours} * * * *`);
  const [day, nextDay] = [Date.UTC(2000, 0, 1), Date.UTC(2000, 0, 2)];
  const result: number[] = [];
  for (let run = pattern.nextRun(new Date(day - 1_000)); run !== null && run.getTime() < nextDay; run = pattern.nextRun(run)) {
    result.push((run.getTime() - day) / 60_000);
  }
  return result;
}

function suggestQuestionMark(parts: readonly string[]): string {
  const [mi, ho, dom = '', mo, dow = '', ye] = parts;
  return dow === '?' || dow === '*' ? [mi, ho, dom === '?' ? '*' : dom, mo, '?', ye].join(' ') : [mi, ho, '?', mo, dow, ye].join(' ');
}

function translateField(text: string, rule: FieldRule): string {
  if (text === '?') {
    if (rule.special) return '*';
    throw new CronInvalid(`? is not a value for ${rule.name}`, 'Write * for every one; ? is for the two day fields alone');
  }
  const special = rule.special?.(text.toUpperCase());
  if (special !== undefined) return special;
  return text
    .split(',')
    .map((item) => translateItem(item, rule))
    .join(',');
}

function translateItem(item: string, rule: FieldRule): string {
  const [range = '', step, ...more] = item.split('/');
  const [from = '', to, ...rest] = range.split('-');
  if (more.length > 0 || rest.length > 0) throw wrong(item, rule);
  if (range === '*') return step === undefined ? '*' : `*/${toStep(step, item, rule)}`;
  const start = toNumber(from, item, rule);
  // croner takes a step only after a range; Scheduler reads 5/10 as from 5 to the end.
  const end = to === undefined ? (step === undefined ? start : rule.most) : toNumber(to, item, rule);
  if (end < start) {
    throw new CronInvalid(`The range ${item} of ${rule.name} ends before it starts`, 'Write the values one by one, with commas');
  }
  return step === undefined ? (start === end ? `${start}` : `${start}-${end}`) : `${start}-${end}/${toStep(step, item, rule)}`;
}

function toNumber(text: string, item: string, rule: FieldRule): number {
  const named = rule.names?.indexOf(text.toUpperCase()) ?? -1;
  if (named >= 0) return named + rule.least;
  const value = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= rule.least && value <= rule.most)) throw wrong(item, rule);
  return value;
}

function toStep(text: string, item: string, rule: FieldRule): number {
  const step = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (step < 1 || step > rule.most - rule.least + 1) throw wrong(item, rule);
  return step;
}

/** `L` and `15W`. */
function specialDayOfMonth(text: string): string | undefined {
  if (text === 'L') return 'L';
  if (!/[LW]/.test(text)) return undefined;
  const day = Number(/^(\d{1,2})W$/.exec(text)?.[1] ?? 0);
  // Not every month has a 29th: what Scheduler does then is not documented.
  if (day >= 1 && day <= 28) return text;
  throw new CronInvalid(`'${text}' is not a day of the month`, 'Write L for the last day, or 1W to 28W for the nearest weekday');
}

/** `L` (Saturday, the week's last day), `6L` (last Friday of the month) and `6#3` (third Friday). */
function specialDayOfWeek(text: string): string | undefined {
  if (text === 'L') return '7';
  if (!/[L#]/.test(text)) return undefined;
  const [, day = '', nth] = /^([1-7]|[A-Z]{3})(?:L|#([1-5]))$/.exec(text) ?? [];
  const number = /^\d$/.test(day) ? Number(day) : WEEKDAYS.indexOf(day) + 1;
  if (number >= 1) return `${number}#${nth ?? 'L'}`;
  throw new CronInvalid(
    `'${text}' is not a day of the week`,
    'Write 6L for the last Friday of the month, or 6#3 for its third; one alone, Sunday is 1',
  );
}

const wrong = (item: string, rule: FieldRule) =>
  new CronInvalid(
    `'${item}' is not a value for ${rule.name}`,
    `Write ${rule.least} to ${rule.most}${rule.names ? ` or ${rule.names[0]} to ${rule.names.at(-1)}` : ''}, with , - * and / as needed`,
  );
