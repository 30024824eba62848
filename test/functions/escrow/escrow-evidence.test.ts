/** What an escrow run leaves as evidence: what the facts of both regions say, and never a value. */
import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { openBucket } from '../../../adapters/s3/bucket.ts';
import {
  EscrowEvidence,
  type EscrowedVersion,
  type KeyVersion,
  type OpenedBy,
  type VersionWithoutValue,
} from '../../../core/escrow/contract.ts';
import { describeEvidence } from '../../../core/report/evidence/describe-evidence.ts';
import { sha256Hex } from '../../../core/evidence/statement.ts';
import { escrowFactKey } from '../../../core/vault/keys.ts';
import { escrowVersion } from '../../../functions/escrow/escrow-version.ts';
import { listVersions } from '../../../functions/escrow/list-versions.ts';
import { readBack } from '../../../functions/escrow/read-back.ts';
import { writeEvidence } from '../../../functions/escrow/write-evidence.ts';
import { freshBucket, rootSettings } from '../../helpers/servers.ts';
import { HOME, makeEscrowWorld, REPLICA, type EscrowWorld } from './escrow-world.ts';

const RUN_OF = { execution: 'arn:aws:states:eu-central-1:000000000000:execution:holdfast-x-escrow:1', startedAt: '2026-11-21T02:00:00Z' };
const VALUE = randomBytes(32).toString('hex');

let world: EscrowWorld;
let vault: ReturnType<typeof openBucket>;
let run: string;
let version: KeyVersion;
let escrowed: EscrowedVersion;

beforeAll(async () => {
  world = await makeEscrowWorld(inject('emulator'));
  vault = openBucket(await freshBucket({ name: 'vault' }), rootSettings(HOME), {});
  await world.putSecret('wallet', VALUE);
  world.keys['wallet-key'] = { secret: `${world.system}/wallet` };
  const listed = await listVersions({ input: {}, ...RUN_OF }, world.listPorts());
  run = listed.run;
  version = listed.versions[0]!;
  escrowed = await escrowVersion(version, world.escrowPorts());
});

const write = async (
  id: string,
  outcomes: { key: string; secretVersion?: string; fingerprint?: string; failure?: string; openedBy?: OpenedBy }[],
  withoutValue: VersionWithoutValue[] = [],
  { later = 0, recent = 0 } = {},
) => {
  const places = [HOME, REPLICA].map((region) => world.bucket(region).reader);
  const ports = { system: world.system, vault: { ...vault.reader, ...vault.writer }, places, now: () => new Date() };
  const { keys } = await writeEvidence({ run: id, ...RUN_OF, outcomes, withoutValue, later, recent }, ports);
  expect(keys).toHaveLength(1);
  const body = Buffer.from((await vault.reader.get({ key: keys[0]! }))!.body).toString();
  expect(body).not.toContain(VALUE);
  return EscrowEvidence.parse(JSON.parse(body));
};
const outcome = () => ({ key: 'wallet-key', secretVersion: version.secretVersion, fingerprint: escrowed.fingerprint });

describe('evidence of an escrow run', () => {
  it('is incomplete as long as a region did not open the envelope, whatever the steps said', async () => {
    expect(await write('20261121T020000Z-000001', [outcome()])).toMatchObject({ outcome: 'incomplete', versions: [{ readBacks: [] }] });
    await readBack({ ...outcome(), run, place: 'vault' }, world.readBackPorts());
    const half = await write('20261121T020000Z-000002', [outcome()]);
    expect(half.outcome).toBe('incomplete');
  });

  it('says of each version and region what opened, by the bytes of its fact', async () => {
    await readBack({ ...outcome(), run, place: 'replica' }, world.readBackPorts());
    const evidence = await write(run, [outcome()]);
    expect(evidence).toMatchObject({ system: world.system, run, outcome: 'escrowed' });
    const factKey = escrowFactKey(world.system, 'wallet-key', escrowed.fingerprint, 'readback', run);
    for (const [index, region] of [HOME, REPLICA].entries()) {
      const fact = (await world.bucket(region).reader.get({ key: factKey }))!;
      expect(evidence.versions[0]?.readBacks[index]).toMatchObject({ region, factKey, factSha256: sha256Hex(fact.body) });
    }
  });

  it('is whole beside a version that a rotation has given no value yet, and names it', async () => {
    const asked = '20261121T020000Z-000008';
    for (const place of ['vault', 'replica'] as const) await readBack({ ...outcome(), run: asked, place }, world.readBackPorts());
    const withoutValue = [{ key: 'wallet-key', secretVersion: 'begun' }];
    const evidence = await write(asked, [outcome()], withoutValue);
    expect(evidence).toMatchObject({ outcome: 'escrowed', versions: [outcome()], withoutValue });
    const described = describeEvidence(Buffer.from(JSON.stringify(evidence)));
    expect(described?.notes).toEqual([
      'When the run looked: wallet-key: version begun has no value: a rotation is under way, or was refused or cancelled.',
    ]);
  });

  it('keeps the class of a failure, and is incomplete without a version', async () => {
    const failed = { key: 'wallet-key', secretVersion: version.secretVersion, failure: 'KeySourceUnavailable' };
    expect(await write('20261121T020000Z-000003', [outcome(), failed])).toMatchObject({
      outcome: 'incomplete',
      versions: [{}, { ...failed, readBacks: [] }],
    });
    expect(await write('20261121T020000Z-000004', [])).toMatchObject({ outcome: 'incomplete' });
  });

  it('names the openings of some days ago of a value that this run need not open', async () => {
    const [home, second] = ['20261118T020000Z-00000a', '20261119T020000Z-00000b'];
    await readBack({ ...outcome(), run: home, place: 'vault' }, world.readBackPorts());
    await readBack({ ...outcome(), run: second, place: 'replica' }, world.readBackPorts());
    const asked = { ...outcome(), openedBy: { vault: home, replica: second } };
    const evidence = await write('20261121T020000Z-00000c', [asked], [], { recent: 3 });
    expect(evidence).toMatchObject({ outcome: 'escrowed', recent: 3, versions: [outcome()] });
    const factKeys = [home, second].map((id) => escrowFactKey(world.system, 'wallet-key', escrowed.fingerprint, 'readback', id));
    expect(evidence.versions[0]?.readBacks.map(({ factKey }) => factKey)).toEqual(factKeys);
    const described = describeEvidence(Buffer.from(JSON.stringify(evidence)));
    expect(described?.notes).toEqual(['Opened in both regions within the last week, and not again by this run: 3 earlier values.']);
    const missing = { ...outcome(), openedBy: { vault: home, replica: '20261117T020000Z-00000d' } };
    expect(await write('20261121T020000Z-00000e', [missing])).toMatchObject({ outcome: 'incomplete' });
    // Of a plan whose last key left all that there is may have been opened some days ago.
    expect(await write('20261121T020000Z-00000f', [], [], { recent: 2 })).toMatchObject({ outcome: 'escrowed', versions: [] });
  });

  it('names an envelope whose source is gone once, though each region opened it by itself, and by the failure of either', async () => {
    const older = { key: 'wallet-key', fingerprint: escrowed.fingerprint };
    const asked = '20261121T020000Z-000005';
    for (const place of ['vault', 'replica'] as const) await readBack({ ...older, run: asked, place }, world.readBackPorts());
    const whole = await write(asked, [older, older]);
    expect(whole).toMatchObject({ outcome: 'escrowed', versions: [{ ...older, readBacks: [{ region: HOME }, { region: REPLICA }] }] });
    expect(whole.versions).toHaveLength(1);
    const failed = { ...older, failure: 'KeyNotRecoverable' };
    for (const outcomes of [
      [failed, older],
      [older, failed],
    ]) {
      const half = await write(`20261121T020000Z-00000${outcomes[0] === failed ? 6 : 7}`, outcomes);
      expect(half).toMatchObject({ outcome: 'incomplete', versions: [failed] });
    }
  });
});
