/**
 * What an alarm says of itself. It begins with the system: the name of one system may be the beginning of another's, so that names of
 * alarms do not tell whose they are.
 */
export const describeAlarm = (system: string, what: string, heading: string): string =>
  `${system}: ${what}. What to do: docs/runbook.md#${heading}`;

export const isAlarmOf = (system: string, description: string | null | undefined): boolean =>
  description?.startsWith(`${system}: `) ?? false;
