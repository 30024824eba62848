/** Every object that a proof reads and writes, by the name that the function really gives it, against the synthesized policies. */
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { packRecipients } from '../../../core/escrow/offline/contract.ts';
import { splitNewIdentity } from '../../../adapters/escrow/offline/secret-sharing.ts';
import { readOfflineFiles } from '../../../adapters/escrow/offline/read-offline.ts';
import { openBucket } from '../../../adapters/s3/bucket.ts';
import type { ObjectReader, ObjectWriter } from '../../../core/ports/object-store.ts';
import { escrowVersion } from '../../../functions/escrow/escrow-version.ts';
import { recordProof } from '../../../functions/escrow/record-proof.ts';
import { freshBucket, rootSettings } from '../../helpers/servers.ts';
import { askOf, type BucketKind } from '../../infra/asks.ts';
import { roleNames, synthesize } from '../../infra/synthesized.ts';
import { AFTER_ALL_RUNS, HOME, makeEscrowWorld, REPLICA, type EscrowWorld } from './escrow-world.ts';

const ROLE = 'holdfast-ida-escrow-record-proof';
const KEY = 'wallet-key';
type Asked = { kind: BucketKind; action: string; key: string };

let world: EscrowWorld;
let recipient: string;
const asked: Asked[] = [];

/** Writes down what is asked of a real bucket, under the name of the system whose policies are asked. */
const recorded = (kind: BucketKind, store: ObjectReader & ObjectWriter): ObjectReader & ObjectWriter => {
  const note = (action: string, key: string) => void asked.push({ kind, action, key: key.replace(world.system, 'ida') });
  return {
    ...store,
    get: (ref) => (note('s3:GetObject', ref.key), store.get(ref)),
    head: (ref) => (note('s3:GetObject', ref.key), store.head(ref)),
    listVersions: (prefix) => (note('s3:ListBucketVersions', prefix), store.listVersions(prefix)),
    list: (prefix) => (note('s3:ListBucket', prefix), store.list(prefix)),
    putOnce: (key, body) => (note('s3:PutObject', key), store.putOnce(key, body)),
  };
};

beforeAll(async () => {
  world = await makeEscrowWorld(inject('emulator'));
  ({ recipient } = await splitNewIdentity(2, 2));
  world.keys[KEY] = { secret: `${world.system}/wallet` };
  const secretVersion = await world.putSecret('wallet', 'ab'.repeat(32));
  const offline = packRecipients([{ id: KEY, recipients: [recipient] }]);
  await escrowVersion({ key: KEY, secretVersion, run: '20261121T020000Z-abc123' }, { ...world.escrowPorts(), offline });
  const { files } = await readOfflineFiles(world.bucket(HOME).reader, world.system, KEY, AFTER_ALL_RUNS);
  const vault = openBucket(await freshBucket({ name: 'vault' }), rootSettings(HOME), {});
  const place = (region: string) => ({ ...world.bucket(region).reader, ...world.bucket(region).writer });
  const ports = {
    system: world.system,
    vault: recorded('vault', { ...vault.reader, ...vault.writer }),
    places: [recorded('escrow', place(HOME)), recorded('replica-escrow', place(REPLICA))],
    now: () => new Date('2026-11-21T09:00:05Z'),
  };
  for (const [index, outcome] of (['passed', 'failed', 'failed'] as const).entries()) {
    const proof = {
      startedAt: '2026-11-21T08:50:00.000Z',
      finishedAt: '2026-11-21T08:53:20.000Z',
      recipient,
      shares: [1, 2],
      medium: { exportedAt: '2026-11-21T08:00:00.000Z', from: 's3://escrow' },
      witnesses: ['Ana'],
      results: files.map(({ fact: { key, fingerprint, id, sha256 } }) => ({ key, fingerprint, recipients: id, sha256, outcome })),
    };
    // The last one is the step tried again.
    const execution = `arn:aws:states:eu-central-1:000000000000:execution:holdfast-x-escrow:${Math.min(index, 1)}`;
    await recordProof({ input: { proof }, execution, startedAt: '2026-11-21T09:00:00Z' }, ports);
  }
}, 60_000);

describe('a proof', () => {
  const synthesized = synthesize('ida');
  const ask = askOf('ida', synthesized);
  const may = (role: string, { kind, action, key }: Asked) =>
    action.startsWith('s3:List') ? ask.list(role, kind, key, action).outcome : ask.object(role, action, kind, key).outcome;

  it('asks for nothing that its role may not do', () => {
    expect(asked.filter((one) => may(ROLE, one) !== 'allowed')).toEqual([]);
    for (const [action, least] of [
      ['s3:PutObject', 6],
      ['s3:GetObject', 4],
      ['s3:ListBucketVersions', 4],
    ] as const)
      expect(asked.filter((one) => one.action === action).length, action).toBeGreaterThanOrEqual(least);
  });

  it('is written by its role alone', () => {
    const roles = roleNames([synthesized.vault, synthesized.replicaVault, synthesized.pipeline, synthesized.recovery]);
    const written = asked.filter(({ action, kind }) => action === 's3:PutObject' && kind !== 'vault');
    expect(written.some(({ key }) => key.includes('/offline-proof-')) && written.some(({ key }) => key.includes('/offline-failed-'))).toBe(
      true,
    );
    for (const one of written)
      expect(
        roles.filter((role) => may(role, one) === 'allowed'),
        one.key,
      ).toEqual([ROLE]);
  });
});
