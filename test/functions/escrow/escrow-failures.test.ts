import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { CreateKeyCommand, DisableKeyCommand, EnableKeyCommand, ScheduleKeyDeletionCommand, UpdateAliasCommand } from '@aws-sdk/client-kms';
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { DeleteSecretCommand } from '@aws-sdk/client-secrets-manager';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { envelopeOpener } from '../../../adapters/escrow/envelope.ts';
import { envelopeContext } from '../../../core/escrow/contract.ts';
import { keyAlias } from '../../../core/names.ts';
import { escrowVersion } from '../../../functions/escrow/escrow-version.ts';
import { listVersions } from '../../../functions/escrow/list-versions.ts';
import { readBack } from '../../../functions/escrow/read-back.ts';
import { makeRole } from '../../helpers/make-role.ts';
import { seededRandom } from '../../helpers/seeded-random.ts';
import { HOME, makeEscrowWorld, REPLICA, type EscrowWorld } from './escrow-world.ts';

const run = '20261121T020000Z-abc123';
const isSoak = process.env['HOLDFAST_SOAK'] === '1';

let world: EscrowWorld;
beforeAll(async () => {
  world = await makeEscrowWorld(inject('emulator'));
});

/** A fresh key asset with one version in escrow. */
async function escrowOne(name: string) {
  const secretVersion = await world.putSecret(name, randomBytes(32).toString('hex'));
  world.keys[name] = { secret: `${world.system}/${name}` };
  return await escrowVersion({ key: name, secretVersion, run }, world.escrowPorts());
}
const envelopeOf = async (key: string, fingerprint: string) =>
  (await world.bucket(HOME).reader.get({ key: world.envelopeKeyOf(key, fingerprint) }))!.body;
const inVault = (key: string, fingerprint: string) => readBack({ key, fingerprint, run, place: 'vault' }, world.readBackPorts());
const inReplica = (key: string, fingerprint: string) => readBack({ key, fingerprint, run, place: 'replica' }, world.readBackPorts());
const lost = (reason: string) => ({ failure: 'KeyNotRecoverable', reason, advice: expect.stringMatching(/\w{3}/) as unknown });

describe('the secret', () => {
  const source = (reason: string) => ({ failure: 'KeySourceUnavailable', reason });
  const request = (input: unknown) => ({ input, execution: 'arn:e', startedAt: '2026-11-21T02:00:00Z' });

  /** It keeps no other key from being escrowed: it is an item of its own, which fails in its turn. */
  const failsInItsTurn = async (ports: ReturnType<EscrowWorld['listPorts']>, reason: string, message: string | RegExp) => {
    const { versions } = await listVersions(request({}), ports);
    expect(versions).toMatchObject([{ key: Object.keys(ports.keys)[0], secretVersion: '', problem: { reason } }]);
    const turn = escrowVersion(versions[0]!, { ...world.escrowPorts(), keys: ports.keys });
    await expect(turn).rejects.toMatchObject(source(reason));
    await expect(turn).rejects.toThrow(message);
  };

  test('that is not there is named', async () => {
    const name = `${world.system}/ghost`;
    await failsInItsTurn(
      { ...world.listPorts(), keys: { ghost: { secret: name } } },
      'secret-missing',
      `list the versions of the secret '${name}'`,
    );
    await failsInItsTurn(
      { ...world.listPorts(), keys: { ghost: { parameter: `/${name}` } } },
      'secret-missing',
      `the parameter '/${name}'`,
    );
  });
  test('whose version went after the listing is named', async () => {
    await escrowOne('gone');
    const secretVersion = '00000000-0000-4000-8000-000000000000';
    await expect(escrowVersion({ key: 'gone', secretVersion, run }, world.escrowPorts())).rejects.toMatchObject(source('version-missing'));
  });
  test('that the role may not list is named', async () => {
    const secret = `${world.system}/gone`;
    const listing = { ...world.listPorts(), source: world.listPorts(world.roles.stranger).source };
    await failsInItsTurn({ ...listing, keys: { gone: { secret } } }, 'refused', `the secret '${secret}'`);
    await world.putParameter('shut', 'value');
    const parameter = `/${world.system}/shut`;
    await failsInItsTurn({ ...listing, keys: { shut: { parameter } } }, 'refused', `the parameter '${parameter}'`);
  });
  test('that is deleted says so, and one that is gone that there is none: neither looks like a right that is lacking', async () => {
    const name = `${world.system}/deleted`;
    const version = await world.putSecret('deleted', 'value');
    // As it is deployed: a name that no secret has is judged without the six characters that end an ARN.
    const arn = `arn:aws:secretsmanager:${HOME}:${inject('emulator').accountId}:secret:${name}`;
    const read = { Action: ['secretsmanager:ListSecretVersionIds', 'secretsmanager:GetSecretValue'], Resource: `${arn}-??????` };
    const ask = { Action: 'secretsmanager:DescribeSecret', Resource: [`${arn}-??????`, arn] };
    const { source: asDeployed } = world.listPorts(await makeRole(`${world.system}-as-deployed`, [read, ask]));
    const { source: mayNotAsk } = world.listPorts(await makeRole(`${world.system}-not-asking`, [read]));
    const place = { store: 'secret', name, field: undefined } as const;
    const listed = async (from: typeof asDeployed) => Array.fromAsync(from.listVersions(place));

    expect((await asDeployed.read(place, version)).content).toEqual({ kind: 'text', text: 'value' });
    await world.secrets.send(new DeleteSecretCommand({ SecretId: name, RecoveryWindowInDays: 7 }));
    await expect(asDeployed.read(place, version)).rejects.toMatchObject({
      ...source('secret-deleted'),
      message: expect.stringMatching(/the secret '\S+': it is deleted, as of \d{4}-\d\d-\d\d/) as string,
      advice: expect.stringContaining('restore-secret') as string,
    });
    await world.secrets.send(new DeleteSecretCommand({ SecretId: name, ForceDeleteWithoutRecovery: true }));
    for (const look of [() => asDeployed.read(place, version), () => listed(asDeployed)])
      await expect(look()).rejects.toMatchObject({
        ...source('secret-missing'),
        message: expect.stringContaining('there is no secret of that name') as string,
      });
    await expect(listed(mayNotAsk)).rejects.toMatchObject(source('refused'));
  });
  test('without the plan’s field is named, and nothing of it quoted', async () => {
    const planted = randomBytes(16).toString('hex');
    const secretVersion = await world.putSecret('fields', `{"OTHER":"${planted}"}`);
    world.keys['fields'] = { secret: `${world.system}/fields`, field: 'KEY' };
    const failure = await escrowVersion({ key: 'fields', secretVersion, run }, world.escrowPorts()).catch(
      (error: unknown) => error as Error,
    );
    expect(failure).toMatchObject({ failure: 'KeyNotInSecret' });
    expect(inspect(failure, { depth: null, showHidden: true })).not.toContain(planted);
  });
  test('an unknown key asset is answered with the possible ones', async () => {
    const ports = { ...world.listPorts(), keys: { a: { secret: 'x' }, b: { secret: 'y' } } };
    await expect(listVersions(request({ key: 'c' }), ports)).rejects.toMatchObject({ failure: 'BadInput' });
    await expect(listVersions(request({ key: 'c' }), ports)).rejects.toThrow(/no key asset 'c'; possible: a, b/);
  });
});

describe('the envelope', () => {
  test('that is missing is named', async () => {
    await expect(inVault('nothing', 'ab'.repeat(32))).rejects.toMatchObject(lost('envelope-missing'));
  });
  test('of another key asset is refused before KMS opens it', async () => {
    const [one, two] = [await escrowOne('swap-a'), await escrowOne('swap-b')];
    const fingerprint = 'cd'.repeat(32);
    await world.bucket(HOME).writer.putOnce(world.envelopeKeyOf('swap-b', fingerprint), await envelopeOf('swap-a', one.fingerprint));
    await expect(inVault('swap-b', fingerprint)).rejects.toMatchObject(lost('other-context'));
    await inVault('swap-b', two.fingerprint);
  });
  test('that holds another value than its name says is named', async () => {
    const { fingerprint } = await escrowOne('renamed');
    const other = 'ef'.repeat(32);
    await world.bucket(HOME).writer.putOnce(world.envelopeKeyOf('renamed', other), await envelopeOf('renamed', fingerprint));
    await expect(inVault('renamed', other)).rejects.toMatchObject(lost('value-differs'));
  });
  test('put over, or hidden by a delete marker, still counts as first written; the stray is told', async () => {
    const { fingerprint } = await escrowOne('shadowed');
    const { client } = world.bucket(HOME);
    const at = { Bucket: world.bucketName(HOME), Key: world.envelopeKeyOf('shadowed', fingerprint) };
    await client.send(new PutObjectCommand({ ...at, Body: 'not an envelope' }));
    await client.send(new DeleteObjectCommand(at));
    expect(await inVault('shadowed', fingerprint)).toMatchObject({ strays: 2 });
  });
  test('cut short, empty or foreign is named', async () => {
    const { fingerprint } = await escrowOne('cut');
    const whole = await envelopeOf('cut', fingerprint);
    const opener = envelopeOpener(world.kms(), world.escrowAliasArn(HOME));
    for (const bytes of [
      whole.subarray(0, whole.length - 1),
      whole.subarray(0, 40),
      new Uint8Array(),
      Buffer.from('{"a":1}'),
      Buffer.concat([whole, whole]),
    ])
      await expect(opener.open(bytes, envelopeContext(world.system, 'cut'))).rejects.toMatchObject({ failure: 'KeyNotRecoverable' });
  });
  test('with any byte changed is found, in either region', async () => {
    const { fingerprint } = await escrowOne('flipped');
    const whole = await envelopeOf('flipped', fingerprint);
    const random = seededRandom('envelope sweep');
    const offsets = isSoak ? [...whole.keys()] : Array.from({ length: 60 }, () => random.below(whole.length));
    const context = envelopeContext(world.system, 'flipped');
    for (const region of [HOME, REPLICA]) {
      const opener = envelopeOpener(world.kms(), world.escrowAliasArn(region));
      expect((await opener.open(whole, context)).length).toBe(64);
      for (const offset of offsets) {
        const altered = Uint8Array.from(whole);
        altered[offset] = altered[offset]! ^ (1 << random.below(8));
        const found = await opener.open(altered, context).then(
          () => 'opened',
          (error: unknown) => (error as { failure?: string }).failure,
        );
        expect(found, `byte ${offset} of ${whole.length} in ${region}`).toBe('KeyNotRecoverable');
      }
    }
  });
});

describe('the KMS key', () => {
  test('that is disabled is named, and the other region does not need it', async () => {
    const { fingerprint } = await escrowOne('off');
    const kms = world.kms()(HOME);
    const KeyId = world.escrowKeyArns[HOME];
    await kms.send(new DisableKeyCommand({ KeyId }));
    await expect(inVault('off', fingerprint)).rejects.toMatchObject(lost('key-disabled'));
    await expect(escrowOne('off-too')).rejects.toMatchObject(lost('key-disabled'));
    await inReplica('off', fingerprint);
    await kms.send(new EnableKeyCommand({ KeyId }));
    await inVault('off', fingerprint);
  });
  test('that the alias no longer names is told from damage', async () => {
    const { fingerprint } = await escrowOne('moved');
    const kms = world.kms()(REPLICA);
    const AliasName = keyAlias(world.system, 'escrow');
    const other = await kms.send(new CreateKeyCommand({}));
    await kms.send(new UpdateAliasCommand({ AliasName, TargetKeyId: other.KeyMetadata?.KeyId }));
    await expect(inReplica('moved', fingerprint)).rejects.toMatchObject(lost('other-key'));
    await kms.send(new UpdateAliasCommand({ AliasName, TargetKeyId: world.escrowKeyArns[REPLICA] }));
    await inReplica('moved', fingerprint);
  });
  test('that is about to be deleted is named, and the other region does not need it', async () => {
    const { fingerprint } = await escrowOne('dying');
    await world
      .kms()(HOME)
      .send(new ScheduleKeyDeletionCommand({ KeyId: world.escrowKeyArns[HOME], PendingWindowInDays: 30 }));
    await expect(inVault('dying', fingerprint)).rejects.toMatchObject(lost('key-pending-deletion'));
    await inReplica('dying', fingerprint);
  });
});
