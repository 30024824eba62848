/** A point whose signature does not hold is neither restored nor drilled; one that nobody signed, or whose key is not kept, may be. */
import { generateKeyPairSync, sign } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { checkPointSignature } from '../../adapters/vault/check-signature.ts';
import { prepareEnvelope, sealEnvelope } from '../../core/evidence/envelope.ts';
import { SignatureInvalid } from '../../core/evidence/errors.ts';
import { readPublicKeys } from '../../core/evidence/public-key.ts';
import { buildStatement, PAYLOAD_TYPE } from '../../core/evidence/statement.ts';
import { factKey, manifestKey, publicKeyKey, signatureKey } from '../../core/vault/keys.ts';
import { NO_NEEDS } from '../../core/restore/key-needs.ts';
import { choosePoint } from '../../functions/drill/choose-point.ts';
import { explainFailure } from '../../functions/drill/explain-failure.ts';
import { checkRequest } from '../../functions/restore/check-request.ts';
import { ASSET, makeVaultWorld, type VaultWorld } from './vault-world.ts';

const [SIGNED, FORGED, UNSIGNED, DRILLED] = ['20261101T020000Z', '20261102T020000Z', '20261103T020000Z', '20261031T020000Z'] as const;
const STARTED = { execution: 'arn:aws:states:eu-central-1:000000000000:execution:x:e1', startedAt: '2026-11-05T04:00:00Z' };
const holder = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const [publicKey] = readPublicKeys(holder.publicKey.export({ type: 'spki', format: 'pem' }).toString())!;

let world: VaultWorld;

async function signManifest(point: string, by: typeof holder): Promise<void> {
  const key = manifestKey(world.system, ASSET, point);
  const { body } = (await world.vault.get({ key }))!;
  const { payload } = prepareEnvelope(buildStatement(world.system, key, body, new Date()));
  const encoded = Buffer.concat([Buffer.from(`DSSEv1 ${PAYLOAD_TYPE.length} ${PAYLOAD_TYPE} ${payload.length} `), payload]);
  await world.vault.putOnce(signatureKey(key), JSON.stringify(sealEnvelope(payload, 'key', sign('sha256', encoded, by.privateKey))));
}
const signatureOf = (point: string) => checkPointSignature(world.vault, { system: world.system, asset: ASSET, point });
const ports = () => ({
  system: world.system,
  assets: [ASSET],
  vault: world.vault,
  escrow: world.vault,
  needs: NO_NEEDS,
  from: 'vault' as const,
});

beforeAll(async () => {
  world = await makeVaultWorld();
  for (const point of [SIGNED, FORGED, UNSIGNED]) {
    await world.putPoint(point);
    await world.vault.putOnce(factKey(world.system, ASSET, point, 'verified', 'run'), '{}');
  }
  await signManifest(SIGNED, holder);
  await signManifest(FORGED, stranger);
});

describe('before the vault keeps a key', () => {
  it('nothing can be said, and nothing is refused', async () => {
    expect(await Promise.all([SIGNED, FORGED, UNSIGNED].map(signatureOf))).toEqual(['no key', 'no key', 'unsigned']);
  });
});

describe('by the key that the vault keeps', () => {
  beforeAll(() => world.vault.putOnce(publicKeyKey(world.system, publicKey!.sha256), publicKey!.pem));

  it('a signature holds, or is refused', async () => {
    expect([await signatureOf(SIGNED), await signatureOf(UNSIGNED)]).toEqual(['signed', 'unsigned']);
    await expect(signatureOf(FORGED)).rejects.toThrow(SignatureInvalid);
    await expect(signatureOf(FORGED)).rejects.toMatchObject({ failure: 'PointDamaged' });
  });

  it('a restore takes what is signed or unfinished, and nothing else', async () => {
    const check = (point: string) => checkRequest({ input: { asset: ASSET, point }, ...STARTED }, ports());
    expect([await check(SIGNED), await check(UNSIGNED)]).toMatchObject([{ accepted: true }, { accepted: true }]);
    await expect(check(FORGED)).rejects.toThrow(SignatureInvalid);
  });

  it('a restore says what a drill found of the point, where it failed', async () => {
    const { system } = world;
    const common = { format: 'holdfast/fact/v1', system, asset: ASSET, point: DRILLED, id: 'run', rtoSeconds: 1, from: 'vault' };
    const drilled = (id: string, at: string, own: object) =>
      world.vault.putOnce(
        factKey(system, ASSET, DRILLED, 'drilled', id),
        JSON.stringify({ ...common, id, at, kind: 'drilled', evidence: 'evidence/x.json', ...own }),
      );
    await world.putPoint(DRILLED);
    const verified = { ...common, rtoSeconds: undefined, from: undefined, kind: 'verified', at: '2026-10-31T03:00:00.000Z' };
    await world.vault.putOnce(
      factKey(system, ASSET, DRILLED, 'verified', 'run'),
      JSON.stringify({ ...verified, bytesRead: 1, rows: [], largeObjects: 0 }),
    );
    const check = () => checkRequest({ input: { asset: ASSET, point: DRILLED }, ...STARTED }, ports());
    expect(await check()).not.toHaveProperty('remarks');
    await drilled('one', '2026-10-31T04:00:00.000Z', { outcome: 'failed', reasons: ['a value does not open'] });
    expect(await check()).toMatchObject({
      accepted: true,
      remarks: [expect.stringMatching(/the drill of this point at .* failed: a value does not open.*`latest-proven`/)],
    });
    await drilled('two', '2026-10-31T05:00:00.000Z', { outcome: 'passed', reasons: [] });
    expect(await check()).not.toHaveProperty('remarks');
  });

  it('a drill has a verdict on the point, with the reason', async () => {
    const choose = (point: string) => choosePoint({ input: { asset: ASSET, point }, ...STARTED }, ports());
    expect(await choose(SIGNED)).toMatchObject({ found: true });
    const chosen = await choose(FORGED);
    const reason = expect.stringMatching(/The signature of .*manifest\.json does not hold: .*not made over this statement/) as string;
    expect(chosen).toMatchObject({ found: false, point: FORGED, from: 'vault', reason, error: { Error: 'PointDamaged' } });
    if (chosen.found) throw new Error('it was refused above');
    const failure = await explainFailure(world.vault, { ...chosen, ...STARTED, objectives: { rpoSeconds: 86_400, rtoSeconds: 3600 } });
    expect(failure).toMatchObject({ failure: 'PointDamaged', detail: reason });
  });
});
