import { expect, test } from 'vitest';
import { recipientsId } from '../../../core/escrow/offline/recipients.ts';
import { needsOf, packKeyNeeds, readKeyNeeds } from '../../../core/restore/key-needs.ts';
import { planWith } from '../plan/plan-fixture.ts';

const NEEDS: Record<string, string[]> = { accounts: ['signing', 'wallet'], cards: ['wallet', 'signing'], logs: [], mails: ['wallet'] };
const { assets } = planWith((plan) => {
  const [database] = plan.assets.flatMap((asset) => (asset.kind === 'postgres' ? [asset] : []));
  plan.assets = Object.entries(NEEDS).map(([id, needsKeys]) => ({ ...structuredClone(database!), id, needsKeys }));
});

test('what each database needs is found again, and what most need is said once', () => {
  const packed = packKeyNeeds(assets);
  expect(packed).toEqual({ most: ['signing', 'wallet'], others: { logs: [], mails: ['wallet'] }, offline: {} });
  const read = readKeyNeeds(JSON.stringify(packed));
  for (const [id, needsKeys] of Object.entries(NEEDS)) expect(needsOf(read, id).needsKeys, id).toEqual(needsKeys.toSorted());
});

test('a plan without databases needs nothing, and what is no JSON of it is refused', () => {
  expect(packKeyNeeds([])).toEqual({ most: [], others: {}, offline: {} });
  for (const text of ['', '{}', '{"most":"wallet","others":{},"offline":{}}']) expect(() => readKeyNeeds(text), text).toThrow(/NEEDS/);
});

test('whom the plan keeps a key offline for is said of that key, with how long a proof counts', () => {
  const recipients = ['age1zwlyl6h27gzv0lfntr7fcqrjrzqazap8sy5zylkxwneh7llf0dksu37mwt'];
  const plan = planWith((_, __, key) => void (key.escrow.offline = { recipients, proofValid: 'P30D' }));
  const offline = { 'card-key': { recipients: recipientsId(recipients), validSeconds: 30 * 86_400 } };
  expect(needsOf(readKeyNeeds(JSON.stringify(packKeyNeeds(plan.assets))), 'orders')).toEqual({ needsKeys: ['card-key'], offline });
});
