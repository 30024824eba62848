/** A key recovered from shares before witnesses: what is compared, what is written, and what is no proof. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { readOfflineFiles } from '../../../adapters/escrow/offline/read-offline.ts';
import { hasFingerprint } from '../../../adapters/escrow/offline/same-fingerprint.ts';
import { combineShares, splitNewIdentity } from '../../../adapters/escrow/offline/secret-sharing.ts';
import { sealOffline } from '../../../adapters/escrow/offline/age-file.ts';
import { openBucket } from '../../../adapters/s3/bucket.ts';
import { openerOf, proveMedium } from '../../../cli/escrow/prove-medium.ts';
import { writeMedium } from '../../../cli/escrow/write-medium.ts';
import { packRecipients } from '../../../core/escrow/offline/contract.ts';
import { joinShares } from '../../../core/escrow/offline/join-shares.ts';
import type { MediumList } from '../../../core/escrow/offline/medium.ts';
import { recipientsId } from '../../../core/escrow/offline/recipients.ts';
import { OfflineProofEvidence, OfflineProofFact, type Proof } from '../../../core/escrow/offline/proof.ts';
import { lastProof } from '../../../core/escrow/offline/last-proof.ts';
import { sha256Hex } from '../../../core/evidence/statement.ts';
import { keyAlias } from '../../../core/names.ts';
import { escrowFactKey } from '../../../core/vault/keys.ts';
import { listEscrow } from '../../../adapters/escrow/list-escrow.ts';
import { escrowVersion } from '../../../functions/escrow/escrow-version.ts';
import { recordProof } from '../../../functions/escrow/record-proof.ts';
import { freshBucket, rootSettings } from '../../helpers/servers.ts';
import { AFTER_ALL_RUNS, HOME, makeEscrowWorld, REPLICA, type EscrowWorld } from './escrow-world.ts';

const KEY = 'wallet-key';
const VALUE = randomBytes(32).toString('hex');
const RUN_OF = { execution: 'arn:aws:states:eu-central-1:000000000000:execution:holdfast-x-escrow:7', startedAt: '2026-11-21T09:00:00Z' };

let world: EscrowWorld;
let place: string;
let recipient: string;
let secret: Uint8Array;
let list: MediumList;
let vault: ReturnType<typeof openBucket>;

beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), 'proof-'));
  world = await makeEscrowWorld(inject('emulator'));
  vault = openBucket(await freshBucket({ name: 'vault' }), rootSettings(HOME), {});
  const ceremony = await splitNewIdentity(3, 2);
  ({ recipient } = ceremony);
  ({ secret } = await joinShares(ceremony.shares.slice(0, 2), combineShares));
  world.keys[KEY] = { secret: `${world.system}/wallet` };
  const secretVersion = await world.putSecret('wallet', VALUE);
  const offline = packRecipients([{ id: KEY, recipients: [recipient] }]);
  await escrowVersion({ key: KEY, secretVersion, run: '20261121T020000Z-abc123' }, { ...world.escrowPorts(), offline });
  list = await exportTo('medium');
});
afterAll(() => rmSync(place, { recursive: true, force: true }));

const medium = (name: string) => join(place, name);
async function exportTo(name: string) {
  const { files } = await readOfflineFiles(world.bucket(HOME).reader, world.system, KEY, AFTER_ALL_RUNS);
  const about = { system: world.system, exportedAt: '2026-11-21T08:00:00.000Z', from: 's3://escrow' };
  return writeMedium(medium(name), about, files, new AbortController().signal);
}
const compare = (message: Uint8Array, fingerprint: string) =>
  hasFingerprint(world.kms()(HOME), keyAlias(world.system, 'fingerprint'), message, fingerprint);
const prove = async (name: string, identity = secret) =>
  (await proveMedium(list.files, { directory: medium(name), list, open: openerOf(identity), compare })).results;
const proofOf = (results: Proof['results'], changed: Partial<Proof> = {}): Proof => ({
  startedAt: '2026-11-21T08:50:00.000Z',
  finishedAt: '2026-11-21T08:53:20.000Z',
  recipient,
  shares: [1, 3],
  medium: { exportedAt: list.exportedAt, from: list.from },
  witnesses: ['Ana', 'Ben'],
  results,
  ...changed,
});
const ports = () => ({
  system: world.system,
  vault: { ...vault.reader, ...vault.writer },
  places: [HOME, REPLICA].map((region) => ({ ...world.bucket(region).reader, ...world.bucket(region).writer })),
  now: () => new Date('2026-11-21T09:00:05Z'),
});
const record = (proof: unknown, run = RUN_OF) => recordProof({ input: { proof }, ...run }, ports());
const read = async (key: string) => JSON.parse(Buffer.from((await vault.reader.get({ key }))!.body).toString()) as unknown;

describe('a proof', () => {
  it('passes when the fingerprint of what was in the file is the same, and is recorded in both regions and as evidence', async () => {
    const results = await prove('medium');
    expect(results).toMatchObject([{ key: KEY, outcome: 'passed' }]);
    const { keys, run, facts } = await record(proofOf(results));
    expect(facts).toBe(2);
    const evidence = OfflineProofEvidence.parse(await read(keys[0]!));
    expect(evidence).toMatchObject({ outcome: 'passed', durationSeconds: 200, witnesses: ['Ana', 'Ben'], shares: [1, 3] });
    const seen = `20261121T085320Z-${run.split('-')[1]}`;
    for (const [index, region] of [HOME, REPLICA].entries()) {
      const key = escrowFactKey(world.system, KEY, results[0]!.fingerprint, 'offline-proof', `${recipientsId([recipient])}-first-${seen}`);
      const { reader } = world.bucket(region);
      const fact = (await reader.get({ key }))!;
      expect(OfflineProofFact.parse(JSON.parse(Buffer.from(fact.body).toString()))).toMatchObject({ at: '2026-11-21T08:53:20.000Z' });
      expect(evidence.facts[index]).toMatchObject({ bucket: reader.bucket, key, sha256: sha256Hex(fact.body) });
      expect(await reader.head({ key })).toMatchObject({ lockMode: 'compliance' });
    }
    expect(JSON.stringify(evidence)).not.toContain(VALUE);
    // The step may be tried again.
    expect(await record(proofOf(results))).toEqual({ keys, run, facts });
  });

  it('says nothing of a file of which this medium has a bad copy: cut, altered or gone', async () => {
    const [name = ''] = readdirSync(medium('medium')).filter((file) => file.endsWith('.age'));
    for (const [index, spoil] of [
      (file: string) => rmSync(file),
      (file: string) => writeFileSync(file, readFileSync(file).subarray(0, -1)),
      (file: string) => writeFileSync(file, readFileSync(file).fill(0, 40, 41)),
    ].entries()) {
      await exportTo(`spoilt-${index}`);
      spoil(join(medium(`spoilt-${index}`), name));
      const parts = { directory: medium(`spoilt-${index}`), list, open: openerOf(secret), compare };
      expect(await proveMedium(list.files, parts)).toEqual({ results: [], damaged: list.files });
    }
  });

  it('fails, and is recorded as failed, for a file that is as escrow made it and does not open', async () => {
    // The very bytes of the escrow, and an identity that is not that of its recipients: as if age had written nonsense.
    const results = await prove('medium', Uint8Array.from(randomBytes(32)));
    expect(results).toMatchObject([{ outcome: 'failed', reason: 'damaged' }]);
    const { keys } = await record(proofOf(results), { ...RUN_OF, execution: `${RUN_OF.execution}0` });
    expect(await read(keys[0]!)).toMatchObject({ outcome: 'failed' });
  });

  it('counts from when witnesses saw it: one that is sent again after a failure makes nothing proven', async () => {
    const failed = await prove('medium', Uint8Array.from(randomBytes(32)));
    const later = { startedAt: '2026-11-21T08:55:00.000Z', finishedAt: '2026-11-21T08:57:00.000Z' };
    await record(proofOf(failed, later), { ...RUN_OF, execution: `${RUN_OF.execution}1` });
    await record(proofOf(await prove('medium')), { execution: `${RUN_OF.execution}2`, startedAt: '2026-11-21T08:59:00Z' });
    const state = (await listEscrow(world.bucket(HOME).reader, world.system, KEY, AFTER_ALL_RUNS)).get(failed[0]!.fingerprint)!;
    expect(lastProof([state], recipientsId([recipient]), ports().now())).toMatchObject({ hasPassed: false });
  });

  it('fails for a file of another value that was put in its place, list and all', async () => {
    const other = await sealOffline(Buffer.from('another value'), [recipient]);
    await exportTo('swapped');
    const [file] = list.files;
    writeFileSync(join(medium('swapped'), file!.file), other);
    const swapped = { ...file!, sha256: sha256Hex(other) };
    const { results } = await proveMedium([swapped], { directory: medium('swapped'), list, open: openerOf(secret), compare });
    expect(results).toMatchObject([{ outcome: 'failed', reason: 'other-value' }]);
    // It is not the file that escrow made: what became of it is no news of that one.
    await expect(record(proofOf(results))).rejects.toThrow('no such offline file was made');
  });

  it.each([
    ['that nobody saw', { witnesses: [] }, 'nobody saw'],
    ['that is still to come', { startedAt: '2026-11-21T08:50:00.000Z', finishedAt: '2026-11-21T10:00:00.000Z' }, 'still to come'],
    ['that ended before it began', { finishedAt: '2026-11-21T08:00:00.000Z' }, 'lies before'],
    ['of nothing', { results: [] }, 'results'],
  ])('%s is refused', async (_, changed, why) => {
    await expect(record({ ...proofOf(await prove('medium')), ...changed })).rejects.toThrow(why);
  });

  it('compares under the custodian’s right alone, and tells a refusal from a difference', async () => {
    await expect(
      hasFingerprint(world.kms(world.roles.stranger)(HOME), keyAlias(world.system, 'fingerprint'), Buffer.from('x'), '00'.repeat(32)),
    ).rejects.toMatchObject({ failure: 'VaultRefused' });
    expect(await compare(Buffer.from('x'), '00'.repeat(32))).toBe(false);
  });
});
