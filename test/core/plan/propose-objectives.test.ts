import { expect, it } from 'vitest';
import { stringify } from 'yaml';
import { parsePlan } from '../../../core/plan/load.ts';
import { proposeObjectives, type MissedObjective } from '../../../core/plan/propose-objectives.ts';
import { planWith } from './plan-fixture.ts';

const measured = { rto: { seconds: 7200, drill: '20261101T020200Z-3fa9c1', was: 'PT1H' } };
const by = { by: 'Owner', at: '2026-11-21T00:00:00.000Z' };

/** Two databases, both with a target that a drill changed and that nobody has accepted; and what the plan says once it was written. */
const written = (shown: readonly string[], missed: readonly MissedObjective[], acceptance?: typeof by) => {
  const plan = planWith((one, database) => {
    Object.assign(database.objectives, { measured });
    one.assets.push({ ...structuredClone(database), id: 'invoices' });
  });
  const changed = parsePlan(proposeObjectives(stringify(plan), plan, shown, missed, acceptance), 'plan.yaml');
  return Object.fromEntries(changed.assets.filter(({ kind }) => kind === 'postgres').map(({ id, objectives }) => [id, objectives]));
};
const missedBy = (asset: string): MissedObjective => ({ asset, objective: 'rto', proposed: 'PT4H', seconds: 9000, drill: 'd' });

it('accepts what whoever accepts was shown, and nothing of another asset', () => {
  const { orders, invoices } = written(['orders'], [], by);
  expect(orders?.accepted).toEqual({ rto: { seconds: 7200, ...by } });
  expect(invoices?.accepted).toBeUndefined();
});

it('accepts of all that were shown: what was missed now, and what was open before', () => {
  const { orders, invoices } = written(['orders', 'invoices'], [missedBy('orders')], by);
  expect(orders).toMatchObject({ rto: 'PT4H', measured: { rto: { seconds: 9000 } }, accepted: { rto: { seconds: 9000, ...by } } });
  expect(invoices).toMatchObject({ accepted: { rto: { seconds: 7200, ...by } } });
});

it('accepts nothing while nobody does', () => {
  const { orders, invoices } = written(['orders', 'invoices'], [missedBy('orders')]);
  expect(orders).toMatchObject({ rto: 'PT4H' });
  expect([orders?.accepted, invoices?.accepted]).toEqual([undefined, undefined]);
});
