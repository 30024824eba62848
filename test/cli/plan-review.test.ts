import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { parsePlan } from '../../core/plan/load.ts';
import { holdfast, holdfastHere } from './run-holdfast.ts';

const DATAMESH = readFileSync(fileURLToPath(new URL('../../plans/datamesh.yaml', import.meta.url)), 'utf8');
const directory = mkdtempSync(join(tmpdir(), 'holdfast-review-'));
const file = join(directory, 'mesh.yaml');
const text = () => readFileSync(file, 'utf8');

beforeEach(() => writeFileSync(file, DATAMESH));
afterAll(() => rmSync(directory, { recursive: true }));

const review = async (...words: string[]) => {
  const { code, stdout, stderr } = await holdfastHere(['plan', 'review', 'mesh.yaml', ...words, '--output', 'json'], { directory });
  return {
    code,
    stderr,
    answer: JSON.parse(stdout || '{}') as { isDue?: boolean; diff?: string; reasons?: { kind: string; text: string }[] },
  };
};

test('a review is due until one is held, and again when something is recorded or the plan changes', async () => {
  expect(await review('--file-only')).toMatchObject({ code: 1, answer: { isDue: true, reasons: [{ kind: 'never' }] } });

  const held = await review('--done', '--by', 'Data office & operations', '--note', 'as it stands: good');
  expect(held.code).toBe(0);
  expect(held.answer.diff).toMatch(/^--- a\/mesh\.yaml\n\+\+\+ b\/mesh\.yaml\n@@ /);
  expect(parsePlan(text(), 'mesh.yaml').agreement?.review?.last).toMatchObject({
    by: 'Data office & operations',
    note: 'as it stands: good',
  });
  // One line is another, and every comment is where it was.
  const [before, after] = [DATAMESH.split('\n'), text().split('\n')];
  expect(after.filter((line, i) => line !== before[i])).toHaveLength(1);
  expect(await review('--file-only')).toMatchObject({ code: 0, answer: { isDue: false, reasons: [] } });

  writeFileSync(file, `# only said otherwise\n${text()}`);
  expect((await review('--file-only')).code).toBe(0);
  await review('--record', 'release', '--note', '5.0: a new store');
  await review('--record', 'audit', '--note', 'by the bank');
  expect(await review('--file-only')).toMatchObject({
    code: 1,
    answer: {
      reasons: [
        { kind: 'recorded', text: 'A release: 5.0: a new store' },
        { kind: 'recorded', text: 'An audit: by the bank' },
      ],
    },
  });

  await review('--done', '--by', 'Both');
  expect((parse(text()) as { agreement: { review: { recorded: [] } } }).agreement.review.recorded).toEqual([]);
  writeFileSync(file, text().replace('rto: PT4H', 'rto: PT5H'));
  expect(await review('--file-only')).toMatchObject({ code: 1, answer: { reasons: [{ kind: 'changed' }] } });
});

test.each([
  [['--record', 'release']],
  [['--record', 'weather', '--note', 'x']],
  [['--done']],
  [['--by', 'x']],
  [['--note', 'x']],
  [['--done', '--by', 'x', '--record', 'audit', '--note', 'y']],
])('%j is refused, and the file stays what it was', async (words) => {
  expect((await review(...words)).code).not.toBe(0);
  expect(text()).toBe(DATAMESH);
});

test('a plan without reviews is told how to have them', async () => {
  writeFileSync(file, DATAMESH.replace('  review: { period: P6M }\n', ''));
  const { code, stdout } = await holdfastHere(['plan', 'review', 'mesh.yaml'], { directory });
  expect([code, stdout]).toEqual([1, expect.stringContaining('add `agreement.review` with a period')]);
});

test('a vault that cannot be reached is said, and the file is judged all the same', async () => {
  const { code, stdout } = await holdfast(['plan', 'review', 'mesh.yaml'], { directory });
  expect(code).toBe(1);
  expect(stdout).toContain('No review of this plan was ever recorded');
  expect(stdout).toContain('Drills and restores were not looked at: ');
});

test('the page of what was agreed is made of the file where the vault cannot be reached, and answers who, what, where and by what', async () => {
  const { code, stdout } = await holdfast(['report', '--agreement', '--plan', file], { directory });
  expect([code, stdout]).toEqual([0, expect.stringContaining('The vault was not looked at: ')]);
  const page = readFileSync(join(directory, 'holdfast-report', 'datamesh-plan.html'), 'utf8');
  for (const text of [
    'files and media',
    'Out of scope',
    'datamesh-restore-requester',
    'datamesh-restore-approver',
    'datamesh-validation',
    'evidence/datamesh/&lt;year&gt;/drill-&lt;run&gt;.json',
    'accidental-deletion',
    'No review of this plan was ever recorded',
  ])
    expect(page).toContain(text);
  expect(page).not.toContain('<script');
  const both = await holdfastHere(['report', '--agreement', '--all', '--plan', file], { directory });
  expect([both.code, both.stderr]).toEqual([64, expect.stringContaining('leave out --all')]);
});
