import { secondsText } from '../../quantities.ts';
import { recoverySeconds } from '../../restore/times.ts';
import { SignOff } from '../../sign-off/records.ts';
import { time } from '../sections/parts.ts';
import type { DescribedEvidence } from './model.ts';
import { id } from './parts.ts';

export function describeSignOff(record: unknown): DescribedEvidence | undefined {
  const parsed = SignOff.safeParse(record);
  if (!parsed.success) return undefined;
  const { asset, point, run, target, database, kept, checks, followUps, times, note, by, at, resultSha256 } = parsed.data;
  const recovery = recoverySeconds(times);
  return {
    title: 'Sign-off of a restore',
    at,
    asset,
    outcome: { colour: 'green', word: 'Signed off' },
    facts: [
      ['By', by.arn],
      ['Point', id(point)],
      ['Database', id(database)],
      ['Target', target],
      ...(kept === undefined ? [] : [['The old one, which may go now', id(kept)] as const]),
      ...(recovery === undefined
        ? []
        : [
            [
              times?.detectionSeconds === undefined ? 'From the request until it could be used' : 'From the loss until it could be used',
              secondsText(recovery),
            ] as const,
          ]),
      ...(note === undefined ? [] : [['Note', note] as const]),
      ['Restore', id(run)],
      ['SHA-256 of its record', id(resultSha256)],
    ],
    notes: checks.length + followUps.length === 0 ? ['The plan left nothing to people but this word.'] : [],
    tables: [
      {
        caption: 'What people looked at',
        headers: ['Check', 'What has to be seen', 'By', 'When', 'Note'],
        rows: checks.map((check) => [check.name, check.what, check.by.person, time(check.at), check.note ?? '']),
      },
      {
        caption: 'What people did afterwards',
        headers: ['Follow-up', 'What', 'Not usable for', 'By', 'When', 'Note'],
        rows: followUps.map(({ name, what, seconds, ...said }) => [
          name,
          what,
          seconds === undefined ? '' : secondsText(seconds),
          said.by.person,
          time(said.at),
          said.note ?? '',
        ]),
      },
    ].filter(({ rows }) => rows.length > 0),
  };
}
