import { expect, it } from 'vitest';
import { describeSelected } from '../../../core/restore/describe-selected.ts';

const rows = [
  { table: 'public.users', rows: 500 },
  { table: 'public."Odd table"', rows: 20 },
  { table: 'public.log', rows: 1 },
];

it('is nothing where everything is restored', () => {
  expect(describeSelected({ noOwner: true }, rows)).toBeUndefined();
});

it.each([
  [{ tables: ['public.Users', 'public."Odd table"'] }, 520, 'only public.Users, public."Odd table" and what they need: 520 rows of 521'],
  [{ exclude: ['public.log'] }, 520, 'everything, without public.log and what depends on it: 520 rows of 521'],
  [{ schemaOnly: true }, 0, 'everything, no rows, large objects or values of sequences'],
])('%j is said with its rows', (selection, count, text) => {
  const said = describeSelected(selection, rows);
  expect(said).toMatchObject({ rows: count, unknown: [] });
  expect(said?.text).toContain(text);
});

it('names what verify has not seen, and what may have been meant, and counts nothing then', () => {
  const said = describeSelected({ tables: ['public.user', 'nosuch.table'], exclude: ['nosuch.other'] }, rows);
  expect(said?.rows).toBeUndefined();
  expect(said?.text).not.toContain('verify counted');
  expect(said?.unknown).toEqual([
    expect.stringContaining('"public.user" in this point (alike: public.users)'),
    expect.stringContaining('"nosuch.table" in this point: unless it is partitioned'),
    expect.stringContaining('"nosuch.other"'),
  ]);
});

it('says nothing of names in a point that was not verified', () => {
  expect(describeSelected({ tables: ['nosuch.table'] }, undefined)).toEqual({
    text: 'only nosuch.table and what they need',
    rows: undefined,
    unknown: [],
  });
});
