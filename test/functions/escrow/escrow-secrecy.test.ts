/** The deployed handlers under their own roles' credentials: a planted key is looked for in all that leaves them. */
import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, inject, test, vi } from 'vitest';
import { EscrowedVersion } from '../../../core/escrow/contract.ts';
import { NOBODY_OFFLINE } from '../../../core/escrow/offline/contract.ts';
import { handler as escrowVersion } from '../../../functions/escrow/escrow-version.ts';
import { handler as listVersions } from '../../../functions/escrow/list-versions.ts';
import { handler as readBack } from '../../../functions/escrow/read-back.ts';
import { HOME, makeEscrowWorld, REPLICA, type EscrowWorld } from './escrow-world.ts';

const planted = randomBytes(32);
const text = planted.toString('hex');
/** Every form in which the key could come out. */
const forms = [
  text,
  text.toUpperCase(),
  planted.toString('base64').replace(/=+$/, ''),
  planted.toString('base64url'),
  Buffer.from(text).toString('base64').replace(/=+$/, ''),
  Buffer.from(text).toString('hex'),
  JSON.stringify([...planted]).slice(1, -1),
  JSON.stringify([...Buffer.from(text)]).slice(1, -1),
  // Half of it is a leak as well.
  text.slice(0, 32),
  text.slice(32),
];

let world: EscrowWorld;
const seen: string[] = [];
beforeAll(async () => {
  world = await makeEscrowWorld(inject('emulator'));
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((chunk) => {
      seen.push(String(chunk));
      return true;
    });
  for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const)
    vi.spyOn(console, method).mockImplementation((...logged: unknown[]) => void seen.push(inspect(logged, { depth: null })));
});
afterEach(() => vi.unstubAllEnvs());
afterAll(() => vi.restoreAllMocks());

function deploy(role: keyof EscrowWorld['roles'], environment: Record<string, string>) {
  const { accessKeyId, secretAccessKey, sessionToken } = world.roles[role];
  const aws = {
    AWS_REGION: HOME,
    AWS_ENDPOINT_URL: inject('emulator').endpointUrl,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken ?? '',
  };
  for (const [name, value] of Object.entries({ ...aws, ...environment })) vi.stubEnv(name, value);
}

const kept = async <T>(call: Promise<T>): Promise<T> => {
  try {
    const answer = await call;
    seen.push(JSON.stringify(answer));
    return answer;
  } catch (error) {
    // As Lambda tells it, and as a careless reader would print it.
    const { name, message, stack } = error as Error;
    seen.push(JSON.stringify({ errorType: name, errorMessage: message, trace: stack }), inspect(error, { depth: null, showHidden: true }));
    throw error;
  }
};

test('a planted key leaves the functions nowhere: answers, errors, logs, facts, and envelopes', async () => {
  await world.putSecret('planted', JSON.stringify({ KEY: text, broken: { of: text } }));
  const KEYS = JSON.stringify({
    key: { secret: `${world.system}/planted`, field: 'KEY' },
    wrong: { secret: `${world.system}/planted`, field: 'NOPE' },
    nested: { secret: `${world.system}/planted`, field: 'broken' },
  });
  const environment = {
    SYSTEM: world.system,
    KEYS,
    ESCROW_BUCKET: world.bucketName(HOME),
    REPLICA_ESCROW_BUCKET: world.bucketName(REPLICA),
    REPLICA_REGION: REPLICA,
    ESCROW_KEY_ARN: world.escrowAliasArn(HOME),
    REPLICA_ESCROW_KEY_ARN: world.escrowAliasArn(REPLICA),
    FINGERPRINT_KEY_ARN: world.fingerprintKeyArn(HOME),
    REPLICA_FINGERPRINT_KEY_ARN: world.fingerprintKeyArn(REPLICA),
    OFFLINE: JSON.stringify(NOBODY_OFFLINE),
  };

  deploy('listVersions', environment);
  const execution = 'arn:aws:states:eu-central-1:000000000000:execution:holdfast-x-escrow:1';
  const { run, versions } = await kept(listVersions({ input: { key: 'key' }, execution, startedAt: '2026-11-21T02:00:00.000Z' }));

  deploy('escrowVersion', environment);
  const escrowed = EscrowedVersion.parse(await kept(escrowVersion(versions[0])));
  await expect(kept(escrowVersion({ ...versions[0], key: 'wrong' }))).rejects.toMatchObject({ name: 'KeyNotInSecret' });
  await expect(kept(escrowVersion({ ...versions[0], key: 'nested' }))).rejects.toMatchObject({ name: 'KeyNotInSecret' });
  await expect(kept(escrowVersion({ ...versions[0], secretVersion: 'none' }))).rejects.toMatchObject({ name: 'KeySourceUnavailable' });
  await expect(kept(escrowVersion({ nothing: 1 }))).rejects.toMatchObject({ name: 'BadInput' });

  deploy('readBack', environment);
  for (const place of ['vault', 'replica'] as const) {
    const fact = await kept(readBack({ key: escrowed.key, fingerprint: escrowed.fingerprint, run, place }));
    expect(fact.region).toBe(place === 'vault' ? HOME : REPLICA);
  }
  await expect(kept(readBack({ key: 'other', fingerprint: escrowed.fingerprint, run, place: 'vault' }))).rejects.toMatchObject({
    name: 'KeyNotRecoverable',
  });

  for (const region of [HOME, REPLICA]) {
    const { reader } = world.bucket(region);
    let objects = 0;
    for await (const { key } of reader.list('')) {
      const { body } = (await reader.get({ key }))!;
      seen.push(key, Buffer.from(body).toString('latin1'));
      objects += 1;
    }
    // The envelope, which version holds it, what says that it is current, and that it was read back; and of the key that nobody has, so.
    expect(objects).toBe(region === HOME ? 5 : 4);
  }
  const everything = seen.join('\n');
  // The scan itself would find it: what was logged and returned is in here.
  expect(everything).toContain(escrowed.fingerprint);
  expect(everything).toContain('KeyNotInSecret');
  for (const form of forms) expect(everything.includes(form), `a form of ${form.length} characters`).toBe(false);
});
