/** More than one offline file of one value, for the same recipients: made again, or put there by whoever may write them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { listEscrow } from '../../../adapters/escrow/list-escrow.ts';
import { sealOffline } from '../../../adapters/escrow/offline/age-file.ts';
import { readOfflineFiles } from '../../../adapters/escrow/offline/read-offline.ts';
import { hasFingerprint } from '../../../adapters/escrow/offline/same-fingerprint.ts';
import { combineShares, splitNewIdentity } from '../../../adapters/escrow/offline/secret-sharing.ts';
import { openBucket } from '../../../adapters/s3/bucket.ts';
import { describeProof } from '../../../cli/escrow/describe-proof.ts';
import { openerOf, proveMedium } from '../../../cli/escrow/prove-medium.ts';
import { writeMedium } from '../../../cli/escrow/write-medium.ts';
import { OFFLINE, packRecipients } from '../../../core/escrow/offline/contract.ts';
import { joinShares } from '../../../core/escrow/offline/join-shares.ts';
import { lastProof } from '../../../core/escrow/offline/last-proof.ts';
import type { MediumList } from '../../../core/escrow/offline/medium.ts';
import { OfflineProofEvidence, portionsOf, type Proof } from '../../../core/escrow/offline/proof.ts';
import { recipientsId } from '../../../core/escrow/offline/recipients.ts';
import { sha256Hex } from '../../../core/evidence/statement.ts';
import { keyAlias } from '../../../core/names.ts';
import { lastDrillsOf, offlineOf } from '../../../core/report/build-keys.ts';
import { escrowFactKey, offlineFileKey } from '../../../core/vault/keys.ts';
import { recordProof } from '../../../functions/escrow/record-proof.ts';
import { keyAsset } from '../../core/status/states.ts';
import { freshBucket, rootSettings } from '../../helpers/servers.ts';
import { AFTER_ALL_RUNS, HOME, makeEscrowWorld, REPLICA, type EscrowWorld } from './escrow-world.ts';
import { keyInSource, runOf } from './key-in-source.ts';

const NOW = new Date('2026-11-21T09:00:05Z');
const AHEAD = '20301121T020000Z-abc123';

let world: EscrowWorld;
let place: string;
let recipient: string;
let secret: Uint8Array;
let vault: ReturnType<typeof openBucket>;
beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), 'several-'));
  world = await makeEscrowWorld(inject('emulator'));
  vault = openBucket(await freshBucket({ name: 'vault' }), rootSettings(HOME), {});
  const ceremony = await splitNewIdentity(3, 2);
  ({ recipient } = ceremony);
  ({ secret } = await joinShares(ceremony.shares.slice(0, 2), combineShares));
});
afterAll(() => rmSync(place, { recursive: true, force: true }));

/** A key with one offline file, of the first day of the month. */
async function offlineKey(name: string) {
  const made = await keyInSource(world, name);
  const ports = () => ({ ...world.escrowPorts(), offline: packRecipients([{ id: name, recipients: [recipient] }]) });
  const { fingerprint } = await made.escrow(1, ports());
  return { ...made, escrow: (day: number) => made.escrow(day, ports()), fingerprint };
}

/** As whoever may write offline files could: a file that is whole by its own fact, in both regions. */
async function plant(key: string, fingerprint: string, run: string, value: string) {
  const id = `${recipientsId([recipient])}-${run}`;
  const file = await sealOffline(Buffer.from(value), [recipient]);
  const of = { format: 'holdfast/escrow-fact/v1', kind: OFFLINE, system: world.system, key, fingerprint, id };
  const fact = { ...of, recipients: [recipient], sha256: sha256Hex(file), bytes: file.length };
  for (const region of [HOME, REPLICA]) {
    const { writer } = world.bucket(region);
    await writer.putOnce(offlineFileKey(world.system, key, fingerprint, id), file);
    await writer.putOnce(escrowFactKey(world.system, key, fingerprint, OFFLINE, id), JSON.stringify(fact));
  }
}

const exported = async (key: string, name: string): Promise<MediumList> => {
  const { files } = await readOfflineFiles(world.bucket(HOME).reader, world.system, key, AFTER_ALL_RUNS);
  const about = { system: world.system, exportedAt: '2026-11-20T08:00:00.000Z', from: 's3://escrow' };
  return writeMedium(join(place, name), about, files, new AbortController().signal);
};
const compare = (message: Uint8Array, fingerprint: string) =>
  hasFingerprint(world.kms()(HOME), keyAlias(world.system, 'fingerprint'), message, fingerprint);
/** Held on a day, at noon. */
async function prove(list: MediumList, name: string, day: number): Promise<Proof> {
  const { results } = await proveMedium(list.files, { directory: join(place, name), list, open: openerOf(secret), compare });
  const date = `2026-11-${String(day).padStart(2, '0')}`;
  return {
    startedAt: `${date}T12:00:00.000Z`,
    finishedAt: `${date}T12:03:20.000Z`,
    recipient,
    shares: [1, 2],
    medium: { exportedAt: list.exportedAt, from: list.from },
    witnesses: ['Ana'],
    results,
  };
}
const record = (proof: Proof, day: number) =>
  recordProof(
    {
      input: { proof },
      execution: `arn:aws:states:eu-central-1:000000000000:execution:holdfast-x-escrow:${proof.results[0]?.key}-${day}`,
      startedAt: '2026-11-21T09:00:00Z',
    },
    {
      system: world.system,
      vault: { ...vault.reader, ...vault.writer },
      places: [HOME, REPLICA].map((region) => ({ ...world.bucket(region).reader, ...world.bucket(region).writer })),
      now: () => NOW,
    },
  );
const failing = (proof: Proof): Proof => ({
  ...proof,
  results: proof.results.map((result) => ({ ...result, outcome: 'failed', reason: 'damaged' })),
});
const evidenceOf = async ({ keys: [key = ''] }: { keys: string[] }) =>
  OfflineProofEvidence.parse(JSON.parse(Buffer.from((await vault.reader.get({ key }))!.body).toString()));
const proofOf = async (key: string, fingerprint: string) =>
  lastProof(
    [(await listEscrow(world.bucket(HOME).reader, world.system, key, AFTER_ALL_RUNS)).get(fingerprint)!],
    recipientsId([recipient]),
    NOW,
  );

test('a newer one of another value takes neither the place of the good one on the medium nor its proof', async () => {
  const { key, fingerprint, value } = await offlineKey('planted');
  await plant(key, fingerprint, runOf(9), 'another value');
  const list = await exported(key, 'planted');
  expect(list.files.map(({ file }) => file)).toEqual([
    `${key}-${fingerprint.slice(0, 16)}-${recipientsId([recipient])}-${runOf(9)}.age`,
    `${key}-${fingerprint.slice(0, 16)}-${recipientsId([recipient])}.age`,
  ]);
  const proof = await prove(list, 'planted', 10);
  expect(proof.results.map(({ outcome, reason }) => reason ?? outcome)).toEqual(['other-value', 'passed']);
  const recorded = await record(proof, 10);
  expect(recorded.facts).toBe(2);
  expect(await evidenceOf(recorded)).toMatchObject({ outcome: 'passed', results: [{ outcome: 'failed' }, { outcome: 'passed' }] });
  expect(await proofOf(key, fingerprint)).toMatchObject({ hasPassed: true, madeAgain: undefined });
  // Whoever holds the proof is told of the other one.
  const answer = describeProof(portionsOf(proof), { runs: [], evidence: [], executions: [] }, []);
  expect(answer).toMatchObject({ exit: 'ProblemsFound' });
  expect(answer.text((_, text) => text)).toContain('holds another value');
  expect(JSON.stringify(proof)).not.toContain(value);
});

test('one that was made again is unproven until witnesses saw it', async () => {
  const { key, fingerprint, escrow } = await offlineKey('again');
  await record(await prove(await exported(key, 'before'), 'before', 2), 2);
  expect(await proofOf(key, fingerprint)).toMatchObject({ hasPassed: true, madeAgain: undefined });
  // What stands at home is no longer what was written: the oldest version counts, so it is one that was never right.
  const { writer } = world.bucket(REPLICA);
  const first = `${recipientsId([recipient])}-${runOf(3)}`;
  await writer.putOnce(offlineFileKey(world.system, key, fingerprint, first), 'not what was written');
  await writer.putOnce(escrowFactKey(world.system, key, fingerprint, OFFLINE, first), '{}');
  const { writer: home } = world.bucket(HOME);
  await home.putOnce(offlineFileKey(world.system, key, fingerprint, first), 'not what was written');
  await home.putOnce(escrowFactKey(world.system, key, fingerprint, OFFLINE, first), '{}');
  await escrow(4);
  expect(await proofOf(key, fingerprint)).toMatchObject({ hasPassed: true, madeAgain: runOf(4) });
  const proof = await prove(await exported(key, 'after'), 'after', 5);
  expect(proof.results.map(({ outcome }) => outcome)).toEqual(['passed', 'passed']);
  await record(proof, 5);
  expect(await proofOf(key, fingerprint)).toMatchObject({ hasPassed: true, madeAgain: undefined });
});

test('what witnesses see of a medium of before says nothing of one that was made again since', async () => {
  const { key, fingerprint, escrow, namesAt } = await offlineKey('old-medium');
  const old = await exported(key, 'old');
  await record(failing(await prove(old, 'old', 2)), 2);
  await escrow(3);
  const proof = await prove(old, 'old', 4);
  expect(proof.results.map(({ outcome }) => outcome)).toEqual(['passed']);
  await record(proof, 4);
  expect(await proofOf(key, fingerprint)).toMatchObject({ hasPassed: true, madeAgain: runOf(3) });
  // It is no reason to make another either, passed or failed.
  await record(failing(await prove(old, 'old', 5)), 5);
  await escrow(6);
  expect((await namesAt(HOME, fingerprint)).filter((name) => name.endsWith('.age'))).toHaveLength(2);

  await record(await prove(await exported(key, 'new'), 'new', 7), 7);
  expect(await proofOf(key, fingerprint)).toMatchObject({ hasPassed: true, madeAgain: undefined });
  await record(failing(await prove(old, 'old', 8)), 8);
  expect(await proofOf(key, fingerprint)).toMatchObject({ hasPassed: true, madeAgain: undefined });
  // The new one itself did not open before witnesses: another is made.
  const [ofNew] = failing(await prove(await exported(key, 'newer'), 'newer', 9)).results;
  await record({ ...(await prove(old, 'old', 9)), results: [ofNew!] }, 9);
  expect(await proofOf(key, fingerprint)).toMatchObject({ hasPassed: false });
  await escrow(10);
  expect((await namesAt(HOME, fingerprint)).filter((name) => name.endsWith('.age'))).toHaveLength(3);
});

test('one that is dated ahead counts for nothing: a proof stays good, and one that did not open is made again', async () => {
  const { key, fingerprint, escrow, namesAt } = await offlineKey('ahead');
  await plant(key, fingerprint, AHEAD, 'another value');
  await record(await prove(await exported(key, 'ahead'), 'ahead', 2), 2);
  expect(await proofOf(key, fingerprint)).toMatchObject({ hasPassed: true, madeAgain: undefined });
  const failed = `${recipientsId([recipient])}-${runOf(3)}`;
  await world.bucket(HOME).writer.putOnce(escrowFactKey(world.system, key, fingerprint, 'offline-failed', failed), '{}');
  await escrow(4);
  expect((await namesAt(REPLICA, fingerprint)).filter((name) => name.endsWith(`${runOf(4)}.age`))).toHaveLength(1);
});

test('who saw a proof, and how long it took, stands on the report with the day, whenever it was recorded', async () => {
  const { key, fingerprint } = await offlineKey('reported');
  const evidence = await evidenceOf(await record(await prove(await exported(key, 'reported'), 'reported', 8), 8));
  const versions = [...(await listEscrow(world.bucket(HOME).reader, world.system, key, AFTER_ALL_RUNS)).values()].map((state) => ({
    place: 'vault' as const,
    state,
  }));
  const { escrow, ...asset } = keyAsset();
  const offline = { recipients: [recipient], proofValid: 'P12M' };
  const report = offlineOf(
    { ...asset, id: key, escrow: { ...escrow, offline } },
    { current: fingerprint, readBacks: [], versions },
    [evidence],
    NOW,
  );
  expect(report?.proofs).toMatchObject([{ at: '2026-11-08T12:03:20.000Z', witnesses: ['Ana'], seconds: 200, outcome: 'passed' }]);
  expect(lastDrillsOf(key, [], report)[1]).toEqual({
    way: 'offline-shares',
    last: { at: '2026-11-08T12:03:20.000Z', outcome: 'passed', seconds: 200 },
  });
});
