/** Every finding, in words: a sentence, what to do, and a heading that the runbook has. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { COLOURS } from '../../../core/status/colour.ts';
import { decideClock } from '../../../core/watch/clock.ts';
import { explainFinding, HEADINGS_OF_KINDS, headingOf, nextStep, REMEDIES, type Finding } from '../../../core/watch/finding.ts';
import { watchBody, watchSubject } from '../../../core/watch/message.ts';
import { countFindings, selectTold } from '../../../core/watch/select-told.ts';

const headings = new Set(
  readFileSync(new URL('../../../docs/runbook.md', import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('### '))
    .map((line) => line.slice(4).trim()),
);

const at = '2026-11-21T03:00:00.000Z';
const common = { asset: 'db', since: at };
const EVERY: Finding[] = [
  ...(['backup', 'drill', 'escrow'] as const).flatMap((stage) =>
    [true, false].map((isOpen): Finding => ({ kind: 'slot-missed', ...common, stage, slot: at, isOpen, holder: 'arn:x had it' })),
  ),
  { kind: 'point-unfinished', ...common, point: '20261121T020000Z', missing: ['locked', 'signed'] },
  { kind: 'replica-behind', ...common, point: '20261121T020000Z', points: 3, allowedSeconds: 7200 },
  { kind: 'record-damaged', asset: 'db', point: '20261121T020000Z', text: 'it is damaged' },
  { kind: 'clock-differs', asset: '', text: 'the clock is wrong' },
  { kind: 'not-seen', asset: 'db', text: 'S3 refused' },
  ...Object.entries(REMEDIES).flatMap(([code, remedy]): Finding[] =>
    remedy === undefined
      ? []
      : [
          { kind: 'objective-broken', ...common, code: code as keyof typeof REMEDIES, text: 'it does not hold' },
          { kind: 'no-data', asset: 'db', code: code as keyof typeof REMEDIES, text: 'nothing is known' },
        ],
  ),
];

describe('every finding', () => {
  it.each(
    EVERY.map(
      (finding) => [`${finding.kind} ${'code' in finding ? finding.code : 'stage' in finding ? finding.stage : ''}`, finding] as const,
    ),
  )('%s has a sentence, a next step for either side, and a heading that is there', (_, finding) => {
    expect(explainFinding(finding)).toMatch(/\w{2}/);
    expect(explainFinding(finding)).not.toMatch(/undefined|\.$/);
    for (const side of ['vault', 'replica'] as const) {
      expect(nextStep(finding, side)).toMatch(/\w{2}/);
      expect(nextStep(finding, side)).not.toContain('undefined');
    }
    expect(headings).toContain(headingOf(finding));
  });

  it('is of every kind', () => {
    const kinds = new Set(EVERY.map(({ kind }) => kind));
    expect([...kinds].sort()).toEqual([...Object.keys(HEADINGS_OF_KINDS), 'no-data', 'objective-broken'].sort());
    expect(COLOURS).toContain('no data');
  });

  it('stands in the message with its heading, worst first, whichever side sees it', () => {
    for (const side of ['vault', 'replica'] as const) {
      const told = { findings: EVERY.slice(0, 30), isSummary: true };
      const around = { system: 'ida', side, region: 'eu-west-1' };
      const body = watchBody(told, around);
      for (const finding of told.findings) {
        expect(body).toContain(explainFinding(finding));
        expect(body).toContain(`docs/runbook.md, heading ${headingOf(finding)}`);
      }
      expect(watchSubject(told, around)).toMatch(/^Holdfast: ida, seen from the (vault|replica): of the day: \d+ broken, .*missed/);
      expect(watchSubject(told, around).length).toBeLessThanOrEqual(100);
    }
  });

  it('is not lost when there are thousands: the numbers say how many, and the message fits', () => {
    const findings = Array.from({ length: 5000 }, (_, i): Finding => ({ ...EVERY[0]!, asset: `db-${i}` }));
    const told = { findings, isSummary: false };
    const body = watchBody(told, { system: 'ida', side: 'vault', region: 'eu-central-1' });
    expect(Buffer.byteLength(body)).toBeLessThan(250_000);
    expect(body).toContain('And 4960 more. All of it: npx holdfast status');
    expect(countFindings(findings, told).slotsMissed).toBe(5000);
  });
});

describe('what is told', () => {
  const window = (until: string) => ({ since: new Date(Date.parse(until) - 900_000), until: new Date(until) });
  const broken = (since: string | undefined): Finding => ({
    kind: 'objective-broken',
    asset: 'db',
    code: 'point-too-old',
    text: 't',
    since,
  });
  const missed = (since: string, isOpen: boolean): Finding => ({
    kind: 'slot-missed',
    asset: 'db',
    stage: 'backup',
    slot: since,
    since,
    isOpen,
  });

  it('is what began since the last look', () => {
    const told = (finding: Finding, until: string) => selectTold([finding], window(until)).findings.length;
    expect(told(broken('2026-11-21T03:00:00.000Z'), '2026-11-21T03:00:00.000Z')).toBe(1);
    expect(told(broken('2026-11-21T03:00:00.001Z'), '2026-11-21T03:00:00.000Z')).toBe(0);
    expect(told(broken('2026-11-21T02:45:00.000Z'), '2026-11-21T03:00:00.000Z')).toBe(0);
    expect(told(broken(undefined), '2026-11-21T03:00:00.000Z')).toBe(0);
  });

  it('is once a day all that lasts, and what came and went since the day before', () => {
    const findings = [
      broken('2026-10-01T00:00:00.000Z'),
      broken(undefined),
      missed('2026-11-20T08:00:00.000Z', false),
      missed('2026-11-20T06:00:00.000Z', false),
      missed('2026-11-19T06:00:00.000Z', true),
    ];
    const { findings: told, isSummary } = selectTold(findings, window('2026-11-21T07:00:00.000Z'));
    expect(isSummary).toBe(true);
    expect(told).toEqual(findings.filter((_, i) => i !== 3));
    expect(selectTold(findings, window('2026-11-21T07:15:00.000Z'))).toEqual({ findings: [], isSummary: false });
  });

  it('goes by the instants of Scheduler, and by its clock when the own one is far from it', () => {
    const scheduled = new Date('2026-11-21T03:00:00Z');
    const own = (minutes: number) => decideClock(scheduled, new Date(scheduled.getTime() + minutes * 60_000));
    // Late, as it may be when it was tried several times.
    expect(own(30)).toMatchObject({ until: scheduled, at: new Date('2026-11-21T03:30:00Z'), finding: undefined });
    for (const minutes of [-120, -6, 36, 120])
      expect(own(minutes)).toMatchObject({ until: scheduled, at: scheduled, finding: { kind: 'clock-differs' } });
    expect(own(-120).finding).toMatchObject({ text: 'The watcher’s clock is 2 h behind Scheduler’s, which it goes by' });
    expect(decideClock(undefined, scheduled)).toMatchObject({ at: scheduled, until: scheduled, finding: undefined });
  });
});
