/** What is said of a restore that was stopped, or ran out of time, between two of its steps. */
import { expect, it } from 'vitest';
import { whenStopped } from '../../cli/restore/when-stopped.ts';
import type { Context } from '../../cli/verb.ts';
import type { ProtectionPlan } from '../../core/plan/schema.ts';
import { Quiesce } from '../../core/plan/schema-quiesce.ts';
import { runId } from '../../core/vault/ids.ts';
import { planWith } from '../core/plan/plan-fixture.ts';

const execution = 'arn:aws:states:eu-central-1:000000000000:execution:holdfast-shop-restore:one';
const startedAt = new Date('2026-11-21T02:00:01.700Z');
const run = runId(startedAt, execution);
const said = (plan: ProtectionPlan, asked: Parameters<typeof whenStopped>[1], at: Date | undefined = startedAt) =>
  whenStopped({ plan: () => plan } as Context, asked)({ execution, startedAt: at });

const quiesce = Quiesce.parse({ steps: [{ kind: 'ecs-services', name: 'api', cluster: 'shop', services: ['api'], timeout: 'PT5M' }] });
const stopping = (others = 0) =>
  planWith((plan, database) => {
    plan.assets.push(...Array.from({ length: others }, (_, n) => ({ ...database, id: `other-${n}` })));
    database.restore = { ...database.restore!, quiesce };
  });

it.each(['in-place', 'drop-and-create', 'clean-replay'] as const)(
  '%s: how what was stopped is put back, and where the rest stands',
  (target) => {
    const text = said(stopping(), { target, asset: 'orders' });
    expect(text).toContain(`npx holdfast restore resume ${run}\``);
    expect(text).toContain(`heading A restore that was cut off, run ${run}`);
  },
);

it.each(['beside', 'in-place'] as const)('%s: nothing was touched before it was approved', (target) => {
  const when = whenStopped({ plan: () => stopping() } as Context, { target, asset: 'orders', to: 'orders_new' });
  const asked = ['Check the request', 'Write down what is asked', 'Wait for the approvals'];
  expect(when({ execution, startedAt, entered: new Set(asked) })).toMatch(
    /^Nothing was touched: it waited for approval, and its request ends/,
  );
  const begun = new Set([...asked, 'Note that the restore begins']);
  expect(when({ execution, startedAt, entered: begun })).not.toContain('Nothing was touched');
  // Who stops waiting for the stop does not know.
  expect(when({ execution, startedAt, entered: undefined })).not.toContain('Nothing was touched');
});

it('names the asset where there are several', () => {
  expect(said(stopping(2), { target: 'in-place' })).toContain(`restore resume ${run} --asset orders\``);
  expect(said(stopping(2), { target: 'in-place', asset: 'other-0' })).not.toContain('resume');
});

it('names no command that would be refused: where the plan stops nothing', () => {
  const text = said(planWith(), { target: 'in-place', asset: 'orders' });
  expect(text).not.toContain('resume');
  expect(text).toContain('heading A restore that was cut off');
});

it('of an execution that was started elsewhere, and of one whose start nobody knows', () => {
  expect(said(stopping(), {})).toMatch(/^If it replaces a database: What it has stopped/);
  expect(whenStopped({ plan: () => stopping() } as Context, { target: 'in-place' })({ execution, startedAt: undefined })).toContain(
    'npx holdfast restore resume <run>',
  );
});

it('beside, nothing was stopped', () => {
  const text = said(stopping(), { target: 'beside', asset: 'orders', to: 'orders_new' });
  expect(text).toMatch(/^The new database orders_new may have stayed half made/);
  expect(text).not.toContain('resume');
});
