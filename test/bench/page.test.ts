import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { renderLargePage } from '../../bench/page/large-page.ts';

it('the page that is measured is that of so many databases, points and drills, each of which says something', () => {
  const yaml = readFileSync(new URL('../../plans/ida.yaml', import.meta.url), 'utf8');
  const page = renderLargePage(yaml, { databases: 30, pointsOfEach: 5, drillsOfEach: 24 }, new Date('2026-11-21T12:00:00Z'));
  const rows = (of: string) =>
    page
      .split(`aria-labelledby="${of}"`)[1]
      ?.split('</section>')[0]
      ?.match(/scope="row"/g)?.length;
  expect(rows('points')).toBe(30 * 5);
  // In full the newest of each with its six checks, and the ten before it.
  expect(rows('drills')).toBe(30 * (6 + 10));
  expect(page).toContain('The newest 10 of 23 earlier drills; npx holdfast drill history names all');
  expect(page).toContain('30 of 30 databases restored within the RTO');
  expect(page).not.toMatch(/NaN|undefined|Invalid Date/);
});
