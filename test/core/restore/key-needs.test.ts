import { expect, test } from 'vitest';
import { keysNeededBy, packKeyNeeds, readKeyNeeds } from '../../../core/restore/key-needs.ts';
import { planWith } from '../plan/plan-fixture.ts';

const NEEDS: Record<string, string[]> = { accounts: ['signing', 'wallet'], cards: ['wallet', 'signing'], logs: [], mails: ['wallet'] };
const { assets } = planWith((plan) => {
  const [database] = plan.assets.flatMap((asset) => (asset.kind === 'postgres' ? [asset] : []));
  plan.assets = Object.entries(NEEDS).map(([id, needsKeys]) => ({ ...structuredClone(database!), id, needsKeys }));
});

test('what each database needs is found again, and what most need is said once', () => {
  const packed = packKeyNeeds(assets);
  expect(packed).toEqual({ most: ['signing', 'wallet'], others: { logs: [], mails: ['wallet'] } });
  const read = readKeyNeeds(JSON.stringify(packed));
  for (const [id, needsKeys] of Object.entries(NEEDS)) expect(keysNeededBy(read, id), id).toEqual(needsKeys.toSorted());
});

test('a plan without databases needs nothing, and what is no JSON of it is refused', () => {
  expect(packKeyNeeds([])).toEqual({ most: [], others: {} });
  for (const text of ['', '{}', '{"most":"wallet","others":{}}']) expect(() => readKeyNeeds(text), text).toThrow(/NEEDS/);
});
