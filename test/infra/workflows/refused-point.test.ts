import { expect, test } from 'vitest';
import { evidence, point, run, runWith, verdict } from './answers.ts';

test('a point that must not be restored is judged, signed and told without a task', async () => {
  const reason = 'The signature of x does not hold';
  const refused = {
    found: false,
    system: 'ida',
    asset: 'ida-db',
    run,
    point,
    from: 'vault',
    reason,
    error: { Error: 'PointDamaged', Cause: '' },
  };
  const end = await runWith('drill', {
    'drill-choose-point': () => refused,
    'drill-judge-drill': () => verdict('failed', [reason]),
  });
  expect(end).toMatchObject({ status: 'FAILED', error: 'CheckFailed', cause: expect.stringContaining(reason) as string });
  const judged = end.calls.find(({ state }) => state === 'Judge the drill');
  expect(judged?.payload).toMatchObject({ point, from: 'vault', reason, error: { Error: 'PointDamaged' } });
  expect(end.calls.some(({ name }) => name === 'holdfast-ida-ida-db-drill')).toBe(false);
  expect(end.calls.find(({ state }) => state === 'Sign the evidence')?.payload['keys']).toEqual([evidence]);
});
