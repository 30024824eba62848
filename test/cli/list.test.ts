import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DrillEvidence } from '../../core/drill/contract.ts';
import { escrowFactKey, evidenceKey, manifestKey } from '../../core/vault/keys.ts';
import { emulatorEnvironment, holdfastHere } from './run-holdfast.ts';
import { addFact, commitPoint, dumpSmallDatabase, makeWorld } from './world.ts';
import type { World } from './world.ts';

const VERIFIED = '20200101T020000Z';
const RUN = '20200101T020200Z-3fa9c1';
/** More points than a colour is judged by at least. */
const UNVERIFIED = Array.from({ length: 24 }, (_, index) => `202002${String(index + 1).padStart(2, '0')}T020000Z`);

type ListedAsset = { asset: string; colour: string; reasons: string[]; points: unknown[]; older: number };

let world: World;
const list = async (...words: string[]) => {
  const { code, stdout, stderr } = await holdfastHere(['list', ...words, '--plan', world.plan, '--output', 'json'], {
    environment: emulatorEnvironment(),
  });
  expect([code, stderr]).toEqual([0, '']);
  const { assets } = JSON.parse(stdout) as { assets: ListedAsset[] };
  const asset = (id: string) => assets.find((one) => one.asset === id) ?? expect.unreachable(`no ${id}`);
  return { postgres: asset('postgres'), key: asset('wallet-encryption-key') };
};

beforeAll(async () => {
  world = await makeWorld();
  // In this process the SDK reads the real environment.
  for (const [name, value] of Object.entries(emulatorEnvironment())) process.env[name] = value;
  const manifest = await commitPoint(world, '20190101T020000Z', await dumpSmallDatabase());
  for (const point of [VERIFIED, ...UNVERIFIED])
    await world.vault.writer.putOnce(
      manifestKey(world.system, 'postgres', point),
      JSON.stringify({ ...manifest, point, slot: point, consistentAt: '2020-01-01T02:00:05.000Z' }),
    );
  await addFact(world, VERIFIED, RUN, { kind: 'verified', at: '2020-01-01T02:02:30.000Z', bytesRead: 1, rows: [], largeObjects: 0 });
});
afterAll(() => world.remove());

test('the colour is the same however few points are shown, though the newest verified one is far down', async () => {
  const { postgres: whole } = await list('--limit', '1000');
  expect(whole).toMatchObject({ colour: 'red', older: 0 });
  expect(whole.points).toHaveLength(26);
  expect(whole.reasons[0]).toMatch(/^The newest verified point is /);
  for (const limit of [1, 20, 24]) {
    const { postgres } = await list('--limit', String(limit));
    expect(postgres).toMatchObject({ colour: whole.colour, reasons: whole.reasons, older: 26 - limit });
    expect(postgres.points).toHaveLength(limit);
  }
});

test('status has the colours of the list, and says of each finding what to do and where that is written', async () => {
  const { postgres, key } = await list();
  const words = ['status', '--plan', world.plan];
  const { code, stdout } = await holdfastHere([...words, '--output', 'json'], { environment: emulatorEnvironment() });
  expect(code).toBe(1);
  const { assets } = JSON.parse(stdout) as {
    assets: { asset: string; colour: string; reasons: string[]; findings: { text: string; next: string; runbook: string }[] }[];
  };
  expect(assets.map(({ asset, colour }) => [asset, colour])).toEqual([postgres, key].map(({ asset, colour }) => [asset, colour]));
  const gap = (reasons: readonly string[] = []) => reasons.filter((reason) => reason.startsWith('Declared gap'));
  expect(gap(key.reasons)).toHaveLength(1);
  expect(assets.map((one) => gap(one.reasons))).toEqual([postgres, key].map((one) => gap(one.reasons)));
  const [database] = assets;
  expect(database!.findings).toContainEqual(
    expect.objectContaining({ text: postgres.reasons[0], next: 'npx holdfast backup postgres', runbook: 'No new recovery point' }),
  );
  const { stdout: text } = await holdfastHere(words, { environment: emulatorEnvironment() });
  expect(text).toContain('do next: npx holdfast backup postgres (docs/runbook.md, No new recovery point)');
  // Nobody on call does anything about a review, and it is amber all the same.
  expect(text).toContain('for the owner of the plan: npx holdfast plan review');
  // What nobody has to put right is why, too.
  for (const reason of gap([...postgres.reasons, ...key.reasons])) expect(text).toContain(`  ${reason}\n`);
});

const YEAR = new Date().getUTCFullYear();
const FAILED_RUN = `${YEAR}0101T000000Z-000000`;
const putEvidence = (run: string, asset: string, outcome: DrillEvidence['outcome'], reason: string) =>
  world.vault.writer.putOnce(
    evidenceKey(world.system, 'drill', run),
    JSON.stringify({
      format: 'holdfast/drill-evidence/v1',
      system: world.system,
      asset,
      run,
      execution: 'arn:aws:states:eu-central-1:000000000000:execution:drill:x',
      outcome,
      reasons: [reason],
      startedAt: `${YEAR}-01-01T00:00:00.000Z`,
      judgedAt: `${YEAR}-01-01T00:10:00.000Z`,
      objectives: { rpoSeconds: 3600, rtoSeconds: 3600 },
      measured: { target: 'x' },
    } satisfies DrillEvidence),
  );

test('a point that was restored years ago was restored: the turn of a year takes no proof away', async () => {
  const never = 'No point was ever restored in a drill';
  expect((await list()).postgres.reasons).toContain(never);
  await putEvidence(`${YEAR - 3}0601T000000Z-000000`, 'postgres', 'passed', '');
  expect((await list()).postgres.reasons).not.toContain(never);
});

test('the evidence of one asset is not crowded out by that of another which is drilled more often', async () => {
  await putEvidence(FAILED_RUN, 'postgres', 'failed', 'a table is empty');
  for (let index = 0; index < 45; index += 1)
    await putEvidence(`${YEAR}0102T0000${String(index).padStart(2, '0')}Z-000000`, 'other', 'passed', '');
  expect((await list()).postgres.reasons).toContain('The last drill failed: a table is empty');
});

test('neither a delete marker over the evidence of a failed drill nor other evidence put over it hides it', async () => {
  const { client, bucket } = world.vault;
  const object = { Bucket: bucket, Key: evidenceKey(world.system, 'drill', FAILED_RUN) };
  await client.send(new PutObjectCommand({ ...object, Body: '{"outcome":"passed"}' }));
  expect((await list()).postgres.reasons).toContain('The last drill failed: a table is empty');
  await client.send(new DeleteObjectCommand(object));
  expect((await list()).postgres.reasons).toContain('The last drill failed: a table is empty');
});

test('nor does one over a read-back hide that', async () => {
  const key = 'wallet-encryption-key';
  const fingerprint = 'ab'.repeat(32);
  const id = `${YEAR}0101T000000Z-000000`;
  const fact = { format: 'holdfast/escrow-fact/v1', system: world.system, key, fingerprint, id };
  const readBack = {
    ...fact,
    kind: 'readback',
    at: `${YEAR}-01-01T00:00:00.000Z`,
    region: 'eu-central-1',
    regionFingerprint: fingerprint,
    envelopeVersionId: 'x',
  };
  for (const one of [{ ...fact, kind: 'current' }, readBack]) {
    const object = { Bucket: world.escrow.bucket, Key: escrowFactKey(world.system, key, fingerprint, one.kind, id) };
    await world.escrow.writer.putOnce(object.Key, JSON.stringify(one));
    await world.escrow.client.send(new DeleteObjectCommand(object));
  }
  const { reasons } = (await list()).key;
  expect(reasons.join()).not.toContain('No escrowed copy was ever read back');
  expect(reasons.join()).not.toContain('never read back in the vault');
  expect(reasons).toContain('The current value was never read back in the replica’s region');
});
