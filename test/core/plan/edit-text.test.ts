import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { addItem, PlanNotEditable, setField, type FieldPath } from '../../../core/plan/edit-text.ts';
import { unifiedDiff } from '../../../core/plan/unified-diff.ts';

const PLAN = `# What this is
version: 1
agreement: # said together
  review: { period: P6M }   # twice a year

  owners:
    hosting: { who: Ops }
# between
assets:
  - id: postgres   # the database
    objectives: { rpo: PT1H, rto: PT1H }
    # about its source
    source:
      secret: 'a'
      # the last word
  - kind: key
    objectives:
      rpo: PT25H # a day
      rto: PT1H

    id: key
gaps: []
`;

/** What of the text is another now. */
const difference = (after: string) =>
  unifiedDiff(PLAN, after, 'plan.yaml')
    .split('\n')
    .filter((line) => /^[-+](?![-+])/.test(line));

describe('a field that is set', () => {
  it.each<[FieldPath, unknown, string[]]>([
    [
      ['assets', 0, 'objectives', 'rto'],
      'PT75M',
      ['-    objectives: { rpo: PT1H, rto: PT1H }', '+    objectives: { rpo: PT1H, rto: PT75M }'],
    ],
    [['assets', 1, 'objectives', 'rpo'], 'PT26H', ['-      rpo: PT25H # a day', '+      rpo: PT26H # a day']],
    [['assets', 1, 'objectives', 'measured'], { rto: { seconds: 1 } }, ['+      measured: { rto: { seconds: 1 } }']],
    [['assets', 0, 'source', 'field'], 'b', ['+      field: b']],
    [
      ['agreement', 'review', 'last'],
      { at: '2026-11-21T00:00:00Z', by: 'A: B, #1' },
      [
        '-  review: { period: P6M }   # twice a year',
        `+  review: { period: P6M, last: { at: 2026-11-21T00:00:00Z, by: 'A: B, #1' } }   # twice a year`,
      ],
    ],
    [
      ['agreement', 'owners', 'hosting', 'contact'],
      'ops@example',
      ['-    hosting: { who: Ops }', '+    hosting: { who: Ops, contact: ops@example }'],
    ],
    [['agreement', 'owners'], { hosting: 1 }, ['-  owners:', '-    hosting: { who: Ops }', '+  owners: { hosting: 1 }']],
    [['tiers', 'size', 0], 'x', ['+tiers: { size: [ x ] }']],
    [['assets', 0, 'drill', 'deep', 'er'], 1, ['+    drill: { deep: { er: 1 } }']],
  ])('%j', (path, value, lines) => {
    const after = setField(PLAN, path, value);
    expect(difference(after)).toEqual(lines);
    expect(path.reduce<unknown>((at, part) => (at as Record<string | number, unknown>)[part], parse(after))).toEqual(value);
  });

  it('keeps the line ends of the file', () => {
    const windows = PLAN.replaceAll('\n', '\r\n');
    expect(setField(windows, ['assets', 0, 'source', 'field'], 'b')).toBe(
      setField(PLAN, ['assets', 0, 'source', 'field'], 'b').replaceAll('\n', '\r\n'),
    );
  });

  it('is at the end of a file that has no line end there', () => expect(setField('a: 1', ['b'], 2)).toBe('a: 1\nb: 2\n'));

  it.each<[string, FieldPath]>([
    ['a: &x { b: 1 }\nc: *x\n', ['a', 'b']],
    ['a: &x { b: 1 }\nc: *x\n', ['c', 'b']],
    ['a: [1\n', ['a']],
    ['a: 5\n', ['a', 'b']],
  ])('is refused where more would change: %j', (text, path) => expect(() => setField(text, path, 2)).toThrow(PlanNotEditable));
});

describe('an item that is added', () => {
  it.each<[FieldPath, string[]]>([
    [['gaps'], ['-gaps: []', '+gaps: [{ id: x }]']],
    [['assets'], ['+  - { id: x }']],
    [
      ['agreement', 'review', 'recorded'],
      ['-  review: { period: P6M }   # twice a year', '+  review: { period: P6M, recorded: [ { id: x } ] }   # twice a year'],
    ],
  ])('to %j', (path, lines) => expect(difference(addItem(PLAN, path, { id: 'x' }))).toEqual(lines));

  it('twice is two', () => {
    const path = ['agreement', 'review', 'recorded'];
    const text = addItem(addItem(PLAN, path, 1), path, 2);
    expect(parse(text)).toMatchObject({ agreement: { review: { recorded: [1, 2] } } });
  });
});

it('a diff is what git applies', () => {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-diff-'));
  try {
    const file = join(directory, 'plan.yaml');
    const git = (...words: string[]) => execFileSync('git', ['-C', directory, ...words], { stdio: 'pipe' });
    git('init', '-q');
    const afters = [
      setField(setField(PLAN, ['assets', 1, 'objectives', 'rto'], 'PT2H'), ['version'], 2),
      addItem(PLAN, ['assets'], { id: 'x' }),
      `${PLAN}# more`,
      PLAN.slice(20),
      '',
    ];
    for (const [before, after] of [...afters.map((text) => [PLAN, text] as const), ...afters.map((text) => [text, PLAN] as const)]) {
      if (before === '') continue;
      writeFileSync(file, before);
      writeFileSync(join(directory, 'p.diff'), unifiedDiff(before, after, 'plan.yaml'));
      git('apply', '--whitespace=nowarn', 'p.diff');
      expect(readFileSync(file, 'utf8')).toBe(after);
    }
    expect(unifiedDiff(PLAN, PLAN, 'plan.yaml')).toBe('');
  } finally {
    rmSync(directory, { recursive: true });
  }
});
