/** A vault that the functions of the pipeline filled on the emulator: points of several runs, one of them drilled and one expired. */
import { CreateAliasCommand, CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { clientConfig } from '../../adapters/aws/settings.ts';
import { kmsSigner } from '../../adapters/kms/sign.ts';
import { storedVersions } from '../../adapters/vault/read-records.ts';
import type { DrillResult } from '../../core/drill/contract.ts';
import { readPublicKeys, type PublicKey } from '../../core/evidence/public-key.ts';
import { sha256Hex } from '../../core/evidence/statement.ts';
import { keyAlias } from '../../core/names.ts';
import type { Manifest } from '../../core/vault/manifest.ts';
import { evidenceKey, factKey, manifestKey, pointDataPrefix, pointPrefix } from '../../core/vault/keys.ts';
import { completeCopy } from '../../functions/copy/complete-copy.ts';
import { copyParts } from '../../functions/copy/copy-parts.ts';
import { copyRecords } from '../../functions/copy/copy-records.ts';
import { planCopy } from '../../functions/copy/plan-copy.ts';
import { judgeDrill } from '../../functions/drill/judge-drill.ts';
import { signObjects, type SignPorts } from '../../functions/evidence/sign-objects.ts';
import { lockObjects } from '../../functions/lock/lock-objects.ts';
import { recordPoint } from '../../functions/record/record-point.ts';
import { ASSET, HOME, makeVaultWorld } from '../functions/vault-world.ts';
import { rootSettings } from './servers.ts';

/** Long after every run: nothing is young any more. */
export const LATER = new Date('2027-06-01T00:00:00Z');

/** A key of KMS that signs what stands in a vault of the home region. */
export async function signingKey(system: string, vault: SignPorts['vault']): Promise<{ signPorts: SignPorts; publicKeys: PublicKey[] }> {
  const kms = new KMSClient(clientConfig(rootSettings(HOME)));
  const alias = keyAlias(system, 'evidence');
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' }));
  await kms.send(new CreateAliasCommand({ AliasName: alias, TargetKeyId: KeyMetadata?.KeyId }));
  const signPorts: SignPorts = { system, vault, signer: kmsSigner(alias, rootSettings(HOME)), now: () => new Date() };
  return { signPorts, publicKeys: readPublicKeys(await signPorts.signer.publicKeyPem())! };
}

export type SignedVault = Awaited<ReturnType<typeof makeSignedVault>>;

export async function makeSignedVault() {
  const made = await makeVaultWorld();
  const { system } = made;
  const now = () => new Date();
  const { signPorts, publicKeys } = await signingKey(system, made.vault);

  /** What a whole run does to a point after its dump. */
  async function finishPoint(point: string, run: string): Promise<void> {
    const { vault, lockPorts, copyPorts } = made;
    const ofPoint = { system, asset: ASSET, point, run };
    const verified = { format: 'holdfast/fact/v1', kind: 'verified', system, asset: ASSET, point, id: run, at: now().toISOString() };
    const fact = JSON.stringify({ ...verified, bytesRead: 1, rows: [{ table: 'public.users', rows: 12 }], largeObjects: 0 });
    await vault.putOnce(factKey(system, ASSET, point, 'verified', run), fact);
    await lockObjects({ ...ofPoint, term: made.term, keys: [] }, lockPorts);
    const { batches } = await planCopy({ ...ofPoint, keys: [] }, copyPorts);
    for (const batch of batches) await copyParts(batch, copyPorts);
    await completeCopy({ ...ofPoint, keys: [], batches }, copyPorts);
    const recordPorts = { vault, publish: () => undefined, now, longestRuns: {} };
    const { sign } = await recordPoint({ ...ofPoint, slot: point, claim: 1 }, recordPorts);
    const { publicKey } = await signObjects({ keys: sign }, signPorts);
    await lockObjects({ ...ofPoint, term: made.term, keys: [...sign, publicKey] }, lockPorts);
    await copyRecords({ ...ofPoint, keys: [...sign, publicKey] }, copyPorts);
  }

  async function makePoint(point: string, run: string, bodies?: readonly Uint8Array[]): Promise<Manifest> {
    const manifest = await made.putPoint(point, bodies);
    await finishPoint(point, run);
    return manifest;
  }

  /** A drill that passed: its result, the verdict, and the fact. */
  async function drillPoint(point: string, run: string): Promise<string[]> {
    const { vault, copyPorts } = made;
    const manifest = (await vault.get({ key: manifestKey(system, ASSET, point) }))!;
    const at = now().toISOString();
    const result: DrillResult = {
      format: 'holdfast/drill-result/v1',
      system,
      asset: ASSET,
      point,
      run,
      from: 'vault',
      startedAt: at,
      finishedAt: at,
      manifestSha256: sha256Hex(manifest.body),
      consistentAt: at,
      phases: [{ name: 'restore', seconds: 1.5 }],
      checks: [{ name: 'restore', kind: 'restore', outcome: 'passed', expected: '0 errors', measured: '0 errors' }],
      bytesRestored: 100,
      isolation: 'own-uid',
      serverVersion: '18.4',
      notes: [],
    };
    await vault.putOnce(evidenceKey(system, 'drill-result', run), JSON.stringify(result));
    const request = {
      system,
      asset: ASSET,
      run,
      execution: 'arn:aws:states:x:0:execution:drill:1',
      startedAt: at,
      point,
      from: 'vault',
      objectives: { rpoSeconds: 86_400, rtoSeconds: 3600 },
    } as const;
    const ports = { vault, now, publish: () => undefined };
    const { keys } = await judgeDrill(request, ports);
    await signObjects({ keys }, signPorts);
    await copyRecords({ keys }, copyPorts);
    return keys;
  }

  /** What retention leaves of a point: a tombstone, named by signed evidence. */
  async function expirePoint(point: string, run: string): Promise<{ tombstone: string; evidence: string }> {
    const { vault, home, vaultBucket } = made;
    const manifestSha256 = sha256Hex((await vault.get({ key: manifestKey(system, ASSET, point) }))!.body);
    const tombstone = factKey(system, ASSET, point, 'tombstone', run);
    const fact = { format: 'holdfast/fact/v1', system, asset: ASSET, point, id: run, at: now().toISOString(), kind: 'tombstone' };
    const body = JSON.stringify({ ...fact, manifestSha256, reasons: ['no window keeps it'], objects: 1 });
    await vault.putOnce(tombstone, body);
    for (const prefix of [pointDataPrefix(system, ASSET, point), pointPrefix(system, ASSET, point)])
      for (const { key, versionId } of await storedVersions(vault, prefix))
        if (key !== tombstone)
          await home.send(
            new DeleteObjectCommand({ Bucket: vaultBucket, Key: key, VersionId: versionId, BypassGovernanceRetention: true }),
          );
    const evidence = evidenceKey(system, 'expiry', run);
    const records = [{ key: tombstone, sha256: sha256Hex(Buffer.from(body)) }];
    await vault.putOnce(evidence, JSON.stringify({ format: 'holdfast/expiry-evidence/v1', system, asset: ASSET, run, records }));
    await signObjects({ keys: [evidence] }, signPorts);
    return { tombstone, evidence };
  }

  return { ...made, signPorts, publicKeys, finishPoint, makePoint, drillPoint, expirePoint };
}
