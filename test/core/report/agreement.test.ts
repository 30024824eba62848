/** The page of what was agreed: each thing that owner and operator ask of it stands there, and what nobody has seen is called that. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parsePlan } from '../../../core/plan/load.ts';
import { decideReview, NO_EVENTS } from '../../../core/plan/review.ts';
import type { AgreementProofs } from '../../../core/report/agreement/proofs.ts';
import { renderAgreement } from '../../../core/report/agreement/render-agreement.ts';
import type { DrillReport, ReportModel } from '../../../core/report/model.ts';
import { sampleModel } from './sample-model.ts';

const NOW = new Date('2026-11-21T01:16:20Z');
const sampleDatabase = sampleModel.databases[0]!;
const NOTHING_SEEN: ReportModel = {
  ...sampleModel,
  databases: [{ ...sampleDatabase, id: 'postgres', objectives: [], points: [], drills: [] }],
  keys: [],
};
type Seen = { model?: ReportModel; proofs?: AgreementProofs };

/** The page as text; `change`: another plan than the one that is shipped. */
function textOf(name: string, { model, proofs }: Seen = {}, change = (yaml: string) => yaml): string {
  const plan = parsePlan(change(readFileSync(new URL(`../../../plans/${name}.yaml`, import.meta.url), 'utf8')), name);
  const review = decideReview(plan, NO_EVENTS, NOW);
  const page = renderAgreement({ plan, review, generatedAt: NOW.toISOString(), version: '0.1.0', model, proofs });
  return page.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');
}
const RESTORE = 'restore: { secret: datamesh/postgres-restore }';

test('says how long points are kept, in every window, and under which lock', () => {
  expect(textOf('datamesh')).toMatch(
    /every point for 30 days, the first good one of each month for \d+ days; never fewer than 2 proven; data older than 30 days in glacier-ir; no longer than the \d+ days that data protection allows; each locked for 30 days \(governance\), the first of a window until it ends/,
  );
});

test('says how many approve and until when, of each database by itself', () => {
  expect(textOf('datamesh')).toContain('postgres 1 other person nobody has to 24 h');
  const more = (yaml: string) => yaml.replace(RESTORE, 'restore: { secret: a/b, approvals: { needed: 2, beside: 1, expiry: PT4H } }');
  expect(textOf('datamesh', {}, more)).toContain('postgres 2 other people 1 other person 4 h');
});

test('says how the system is deployed, what a recovery is expected to take, and who is told', () => {
  const text = textOf('datamesh');
  expect(text).toContain('In a cloud, by the provider: The operator runs one deployment for each customer in an account of its own');
  expect(text).toContain('postgres approval 30 min stated: expected.approval');
  expect(text).toContain('Subscribers of the system’s alarm topic');
});

test('says what people do after a restore, in its order and with its time, and which tiers are published', () => {
  const text = textOf('identitymesh');
  expect(text).toContain('connector-secrets, 1 of 2 set the secrets of connectors on the new host');
  expect(text).toContain('48 secrets, 30 s each: 24 min');
  expect(text).toContain('connector-secrets, 2 of 2 smoke sync');
  expect(text).toContain('up to 1M RTO 2 h on the same host, 4 h on a new one');
  expect(text).toContain('observed, not provided by backups');
});

test('says by what a real restore is judged', () => {
  const checked = (yaml: string) =>
    yaml.replace(
      RESTORE,
      `restore:
      secret: a/b
      validation:
        logins: [{ name: a known account logs in, url: 'https://a.example/login', secret: a/login }]
        manual: [{ name: pages are there, what: Somebody looks at the pages of a tenant }]`,
    );
  expect(textOf('datamesh', {}, checked)).toContain(
    'a real restore of postgres none none none a known account logs in pages are there none',
  );
});

test('calls a promise of reading back a promise, and shows when it was done', () => {
  expect(textOf('datamesh')).toMatch(/not looked at ?; to be read back: planned every 24 h/);
  expect(textOf('datamesh', { model: NOTHING_SEEN })).toMatch(/not read back yet ?; to be read back: planned every 24 h/);
  const key = { ...sampleModel.keys[0]!, id: 'integration-key' };
  expect(textOf('datamesh', { model: { ...NOTHING_SEEN, keys: [key] } })).toMatch(/last read back 2026-11-\d\d [^;]*; planned every 24 h/);
});

const drill = (over: Partial<DrillReport>): DrillReport => ({ ...sampleDatabase.drills[0]!, ...over });

test('says when each scenario was last played and what came of it, and of one that it never was', () => {
  const drills = [
    drill({ at: '2026-11-20T04:00:00Z', scenario: 'accidental-deletion', outcome: 'failed', seconds: 90 }),
    drill({ at: '2026-10-20T04:00:00Z', scenario: 'accidental-deletion', outcome: 'passed' }),
    drill({ at: '2026-11-21T00:00:00Z' }),
  ];
  const text = textOf('datamesh', { model: { ...NOTHING_SEEN, databases: [{ ...NOTHING_SEEN.databases[0]!, drills }] } });
  expect(text).toContain('no tenant is without its products 2026-11-20 04:00:00 UTC Failed in 1 min 30 s');
  expect(text).toMatch(/The scenario accidental-deletion was played \S+drill-&lt;run&gt;\.json 2026-11-20/);
  expect(text).toContain('no connector is without its state never yet');
});

test('says of a scenario of several assets the verdict on all of them', () => {
  const several = (yaml: string) =>
    yaml.replace('assets: [postgres]\n    noticedAfter: P2D', 'assets: [postgres, other]\n    noticedAfter: P2D');
  const verdict = { outcome: 'passed', judgedAt: '2026-11-19T04:00:00Z', run: 'r', measured: { rtoSeconds: 60 } } as const;
  const scenarios = [{ ...verdict, scenario: 'integration-corruption' }];
  const text = textOf('datamesh', { model: NOTHING_SEEN, proofs: { restores: [], approvals: [], scenarios } }, several);
  expect(text).toContain('no connector is without its state 2026-11-19 04:00:00 UTC Passed');
  expect(text).toMatch(/The scenario integration-corruption was played \S+scenario-&lt;run&gt;\.json 2026-11-19/);
});

test('is green only where something was restored, and says what was measured on what, and whether that is enough', () => {
  expect(textOf('datamesh')).toContain('operational data In scope postgres');
  const [seen] = NOTHING_SEEN.databases;
  const red = { ...seen!, status: { colour: 'red' as const, reasons: [] } };
  const measured = { seconds: 9000, people: 6300, on: 'ephemeral PostgreSQL 16' };
  const objectives = [{ name: 'RTO' as const, statedSeconds: 14_400, accepted: undefined, measured, verdict: 'missed' as const }];
  const text = textOf('datamesh', { model: { ...NOTHING_SEEN, databases: [{ ...red, objectives }] } });
  expect(text).toContain('operational data Red postgres');
  // It is also in the key, of which nothing was seen.
  expect(text).toContain('integration state Red postgres');
  expect(text).not.toMatch(/Green|Protected/);
  expect(text).toContain('RTO 2.5 h, and 1.8 h that people take, as the plan states it Missed on ephemeral PostgreSQL 16');
});

test('names the newest restore, approval and sign-off; what the other region may hold is not called none', () => {
  const restore = {
    asset: 'postgres',
    point: '20261118T000000Z',
    target: 'in-place' as const,
    seconds: 60,
    times: {},
    outcome: { colour: 'green' as const, word: 'Restored' },
    undoneAt: undefined,
    kept: undefined,
  };
  const proofs: AgreementProofs = {
    restores: [
      { ...restore, at: '2026-11-20T10:00:00Z', run: 'd', signed: undefined, outcome: { colour: 'red', word: 'Restored, a check failed' } },
      { ...restore, at: '2026-11-19T10:00:00Z', run: 'c', signed: undefined, undoneAt: '2026-11-19T11:00:00Z' },
      { ...restore, at: '2026-11-18T10:00:00Z', run: 'b', signed: undefined },
      { ...restore, at: '2026-11-17T10:00:00Z', run: 'a', signed: { by: 'ann', at: '2026-11-17T12:00:00Z' } },
    ],
    approvals: [
      { asset: 'postgres', at: '2026-11-19T09:00:00Z', outcome: 'approved', run: 'c' },
      { asset: 'postgres', at: '2026-11-18T20:00:00Z', outcome: 'approved', run: 'of an undo' },
      { asset: 'postgres', at: '2026-11-18T09:30:00Z', outcome: 'rejected', run: 'b' },
      { asset: 'postgres', at: '2026-11-18T09:00:00Z', outcome: 'approved', run: 'b' },
    ],
    scenarios: [],
  };
  const text = textOf('datamesh', { model: NOTHING_SEEN, proofs });
  expect(text).toMatch(/postgres was restored for real \S+restore-result-&lt;run&gt;\.json 2026-11-18 10:00/);
  expect(text).toMatch(/somebody approved \S+approval-&lt;run&gt;-&lt;n&gt;\.json 2026-11-18 09:00/);
  expect(text).toMatch(/somebody signed that it is good \S+sign-off-&lt;run&gt;\.json 2026-11-17 12:00/);
  expect(text).toMatch(/was restored from the replica vault \S+ none yet/);

  const otherRegionUnread = 'The second region cannot be read';
  const unread = textOf('datamesh', { model: { ...NOTHING_SEEN, otherRegionUnread }, proofs });
  expect(unread).toMatch(/was restored from the replica vault \S+ none that could be read: the other region was not looked at/);
  expect(unread).toContain(otherRegionUnread);
  expect(unread).toContain('no connector is without its state not in the region that was looked at');
});
