import { expect, test } from 'vitest';
import { renderSystems } from '../../../core/report/render-systems.ts';
import { manyAssets, overviewOf } from './sample-overview.ts';

test('a database without verified data is not left out of the oldest data of its system', () => {
  const model = manyAssets(2, 3);
  const overview = overviewOf(model);
  const [first, second] = overview.freshness;
  const textOf = (ages: (number | undefined)[]) => {
    const freshness = [first!, second!].map((one, i) => ({ ...one, ageSeconds: ages[i] }));
    const at = { generatedAt: '2026-11-21T01:16:20.000Z', version: '0.1.0' };
    return renderSystems([{ system: 'ida', page: 'ida.html', model, overview: { ...overview, freshness } }], at)
      .replaceAll(/<[^>]*>/g, ' ')
      .replaceAll(/\s+/g, ' ');
  };
  expect(textOf([7200, 3600])).toContain('Amber 3 2 h the last of 2 of 2 passed');
  expect(textOf([7200, undefined])).toContain('Amber 3 none of 1 of 2; else 2 h the last');
  expect(textOf([undefined, undefined])).toContain('Amber 3 none the last');
});
