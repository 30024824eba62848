/** What a page says of the drills of a key: each stands in the region that held it, and one page shows them all. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';
import type { Connection } from '../../cli/connection.ts';
import { readOtherDrills } from '../../cli/report/read-other-drills.ts';
import { canaryCheckName, recoveredCheckName } from '../../core/drill/canary.ts';
import type { DrillEvidence, DrillResult } from '../../core/drill/contract.ts';
import { OFFLINE_PROOF, type OfflineProofEvidence } from '../../core/escrow/offline/proof.ts';
import { parsePlan } from '../../core/plan/load.ts';
import { escrowFactKey, evidenceKey } from '../../core/vault/keys.ts';
import { rootSettings } from '../helpers/servers.ts';
import { emulatorEnvironment, holdfastHere } from './run-holdfast.ts';
import { makeWorld, type World } from './world.ts';

const YEAR = new Date().getUTCFullYear();
const POINT = `${YEAR}0101T020000Z`;
let world: World;
const directory = mkdtempSync(join(tmpdir(), 'holdfast-report-'));

const report = (...words: string[]) =>
  holdfastHere([...words, '--plan', world.plan, '--output', 'json'], { environment: emulatorEnvironment(), directory });
const page = (name: string) => readFileSync(join(directory, name), 'utf8');

beforeAll(async () => {
  world = await makeWorld();
  // In this process the SDK reads the real environment.
  for (const [name, value] of Object.entries(emulatorEnvironment())) vi.stubEnv(name, value ?? '');
});
afterAll(() => {
  vi.unstubAllEnvs();
  world.remove();
  rmSync(directory, { recursive: true });
});

test('the three drills of a key stand on the page with when they were held and how long they took, each of its own region', async () => {
  const KEY = 'wallet-encryption-key';
  const value = 'ab'.repeat(32);
  const seen = `${YEAR}0105T100000Z-3fa9c1`;
  const checkOf = (name: string, seconds: number) =>
    ({ name, kind: 'canary', outcome: 'passed', expected: 'opens', measured: 'opened', seconds }) as const;
  const heldIn = async (from: 'vault' | 'replica', day: number, checks: DrillResult['checks']) => {
    const run = `${YEAR}010${day}T040000Z-3fa9c1`;
    const at = `${YEAR}-01-0${day}T04:10:00.000Z`;
    const objectives = { rpoSeconds: 3600, rtoSeconds: 3600 };
    const about = { system: world.system, asset: 'postgres', point: POINT, run, from, startedAt: at };
    const result = {
      format: 'holdfast/drill-result/v1',
      ...about,
      finishedAt: at,
      manifestSha256: '0'.repeat(64),
      consistentAt: at,
      phases: [],
      checks,
      bytesRestored: 1,
      isolation: 'own-uid',
      serverVersion: '16.1',
      notes: [],
    } satisfies DrillResult;
    const evidence = {
      format: 'holdfast/drill-evidence/v1',
      ...about,
      execution: 'arn:run',
      outcome: 'passed',
      reasons: [],
      judgedAt: at,
      objectives,
      measured: { target: 'ephemeral PostgreSQL 16' },
      result,
    } satisfies DrillEvidence;
    await world[from].writer.putOnce(evidenceKey(world.system, 'drill', run), JSON.stringify(evidence));
  };
  await heldIn('vault', 3, [checkOf(recoveredCheckName(KEY), 1.5), checkOf(canaryCheckName(KEY), 2.5)]);
  await heldIn('replica', 4, [checkOf(recoveredCheckName(KEY), 3.5)]);
  const fact = escrowFactKey(world.system, KEY, value, OFFLINE_PROOF, `0123456789abcdef-${seen}`);
  for (const { writer } of [world.escrow, world.replicaEscrow]) await writer.putOnce(fact, '{}');
  // Recorded an hour after it was held.
  const recorded = `${YEAR}0105T110000Z-3fa9c2`;
  const result = { key: KEY, fingerprint: value, recipients: '0123456789abcdef', sha256: value, outcome: 'passed' } as const;
  const proof = {
    format: 'holdfast/offline-proof/v1',
    kind: OFFLINE_PROOF,
    system: world.system,
    run: recorded,
    execution: 'arn:run',
    startedAt: `${YEAR}-01-05T09:53:20.000Z`,
    finishedAt: `${YEAR}-01-05T10:00:00.000Z`,
    durationSeconds: 400,
    recipient: 'age1x',
    shares: [1, 2, 3],
    witnesses: ['Frida'],
    results: [result],
    outcome: 'passed',
    medium: { exportedAt: `${YEAR}-01-05T09:00:00.000Z`, from: 's3://x' },
    facts: [{ bucket: 'x', key: fact, sha256: value }],
  } satisfies OfflineProofEvidence;
  await world.vault.writer.putOnce(evidenceKey(world.system, OFFLINE_PROOF, recorded), JSON.stringify(proof));
  await world.replica.writer.putOnce(evidenceKey(world.system, OFFLINE_PROOF, recorded), JSON.stringify(proof));

  for (const from of ['vault', 'replica']) {
    const { code, stderr } = await report('report', '--out', `keys-${from}`, '--from', from);
    expect([code, stderr]).toEqual([0, '']);
    const text = page(join(`keys-${from}`, `${world.system}.html`))
      .replaceAll(/<[^>]*>/g, ' ')
      .replaceAll(/\s+/g, ' ');
    for (const [what, day, took] of [
      ['Got back from the second region alone', '04 04:10:00 UTC', '3.5 s'],
      ['Got back from offline shares, before witnesses', '05 10:00:00 UTC', '6 min 40 s'],
      ['A value of a restored database opened with it', '03 04:10:00 UTC', '2.5 s'],
    ])
      expect(text, from).toContain(`${what} ${YEAR}-01-${day} Passed ${took}`);
    expect(text).toContain('Frida');
  }
});

test('a page is made when the other region cannot be read, and says where its drills are', async () => {
  // A region in which nothing is deployed.
  const plan = join(directory, 'elsewhere.yaml');
  writeFileSync(plan, readFileSync(world.plan, 'utf8').replace('replica: { region: eu-west-1 }', 'replica: { region: eu-west-3 }'));
  const { evidences, notes } = await readOtherDrills({
    plan: parsePlan(readFileSync(plan, 'utf8'), plan),
    connection: { account: inject('emulator').accountId, settings: (region: string) => rootSettings(region) } as unknown as Connection,
    environment: process.env,
    from: 'vault',
    now: new Date(),
  });
  expect(evidences).toEqual({});
  expect(notes).toEqual([expect.stringContaining('`npx holdfast report --from replica` shows them')]);
});
