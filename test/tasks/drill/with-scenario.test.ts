import { expect, it } from 'vitest';
import { BadConfiguration } from '../../../core/failure/input-errors.ts';
import type { PostgresAsset } from '../../../core/plan/schema.ts';
import { AddedChecks, withScenario } from '../../../tasks/drill/with-scenario.ts';
import { planWith } from '../../core/plan/plan-fixture.ts';

const [asset] = planWith().assets as [PostgresAsset];
const added = AddedChecks.parse([
  { name: 'deleted', checks: [{ name: 'orders of the year', sql: 'SELECT count(*) FROM orders', expect: 5 }] },
  { name: 'gone', checks: [] },
]);

it('a scenario adds its checks to those of every drill', () => {
  expect(withScenario(asset, 'deleted', added).drill.checks.map(({ name }) => name)).toEqual(['orders are there', 'orders of the year']);
  expect(withScenario(asset, 'gone', added).drill.checks).toEqual(asset.drill.checks);
  expect(withScenario(asset, '', added)).toBe(asset);
});

it('one that the task does not know is no plain drill', () => expect(() => withScenario(asset, 'burnt', added)).toThrow(BadConfiguration));
