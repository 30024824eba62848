/** A vault whose points are as a whole run leaves them, and the audit over it at a time that a test chooses. */
import { PutBucketEncryptionCommand } from '@aws-sdk/client-s3';
import { CreateAliasCommand, CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { clientConfig } from '../../../adapters/aws/settings.ts';
import type { CheckObjectsRequest } from '../../../core/audit/contract.ts';
import { everyResidue } from '../../../core/audit/sample.ts';
import { keyAlias } from '../../../core/names.ts';
import type { RetentionPolicy } from '../../../core/retention/policy.ts';
import { FACT_FORMAT, type Fact } from '../../../core/vault/facts.ts';
import { factKey, manifestKey } from '../../../core/vault/keys.ts';
import type { VaultSide } from '../../../core/vault/side.ts';
import { checkObjects } from '../../../functions/audit/check-objects.ts';
import type { CheckObjectsPorts } from '../../../functions/audit/ports.ts';
import { lockObjects } from '../../../functions/lock/lock-objects.ts';
import { recordPoint } from '../../../functions/record/record-point.ts';
import { freshBucket, rootSettings } from '../../helpers/servers.ts';
import { openBucket } from '../../../adapters/s3/bucket.ts';
import { putUnheldSignature } from '../../helpers/unheld-signature.ts';
import { ASSET, HOME, makeVaultWorld, SECOND } from '../vault-world.ts';

export const TERM = { mode: 'governance', lengthDays: 30 } as const;
export const POLICY: RetentionPolicy = { hotSeconds: 30 * 86_400, keepProven: 1, zone: 'UTC' };
export const EVIDENCE = { mode: 'governance', lengthDays: 3650 } as const;
export const RUN = '20261121T085000Z-abcdef';
const HOURS = 3_600_000;

type Kind = Fact['kind'];
type Detail<K extends Kind> = Omit<Extract<Fact, { kind: K }>, 'format' | 'kind' | 'system' | 'asset' | 'point' | 'id' | 'at'>;

export async function makeAuditWorld() {
  const world = await makeVaultWorld();
  const { system } = world;
  const kms = new KMSClient(clientConfig(rootSettings(HOME)));
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Description: 'vault' }));
  const [keyId, keyArn] = [KeyMetadata?.KeyId ?? '', KeyMetadata?.Arn ?? ''];
  const alias = keyAlias(system, 'vault');
  await kms.send(new CreateAliasCommand({ AliasName: alias, TargetKeyId: keyId }));
  const encryption = { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: keyArn } as const;
  await world.home.send(
    new PutBucketEncryptionCommand({
      Bucket: world.vaultBucket,
      ServerSideEncryptionConfiguration: { Rules: [{ ApplyServerSideEncryptionByDefault: encryption }] },
    }),
  );

  async function putFact<K extends Kind>(point: string, kind: K, detail: Detail<K>, id = RUN): Promise<string> {
    const key = factKey(system, ASSET, point, kind, id);
    const at = new Date().toISOString();
    await world.vault.putOnce(key, JSON.stringify({ format: FACT_FORMAT, kind, system, asset: ASSET, point, id, at, ...detail }));
    return key;
  }

  /** What a whole run leaves but for the locks. */
  async function putLinkedPoint(point: string, objects = 1) {
    const manifest = await world.putPoint(
      point,
      Array.from({ length: objects }, (_, n) => Buffer.from(`dump ${n} of ${point}`)),
    );
    await putFact(point, 'verified', { bytesRead: 1, rows: [], largeObjects: 0 });
    await putFact(point, 'replicated', { bucket: world.replicaBucket, region: SECOND, lockedUntil: new Date().toISOString(), objects: [] });
    await recordPoint(
      { system, asset: ASSET, slot: point, point, claim: 1, run: RUN },
      { vault: world.vault, publish: () => undefined, now: () => new Date(), longestRuns: {} },
    );
    await putUnheldSignature(world.vault, system, manifestKey(system, ASSET, point));
    return manifest;
  }

  async function putLockedPoint(point: string, objects = 2) {
    const manifest = await putLinkedPoint(point, objects);
    await lockObjects({ system, asset: ASSET, point, run: RUN, keys: [], term: TERM }, world.lockPorts);
    return manifest;
  }

  const { reader: escrow } = openBucket(await freshBucket({ name: 'escrow', region: HOME }), rootSettings(HOME), {});

  /** A few hours from now, when no run is still at what the test has put. */
  const later = (hours = 2) => new Date(Date.now() + hours * HOURS);
  const portsOf = (side: VaultSide = 'vault', now = later): CheckObjectsPorts => ({
    system,
    side,
    vault: side === 'vault' ? world.vault : world.replica,
    escrow,
    now: () => now(),
  });
  const request = (changed: Partial<CheckObjectsRequest> = {}): CheckObjectsRequest => ({
    assets: [{ asset: ASSET, term: TERM, policy: POLICY }],
    evidence: EVIDENCE,
    sample: { residues: everyResidue() },
    isWhole: true,
    all: false,
    vaultKeyArn: keyArn,
    cursor: { asset: 0, after: '' },
    tally: { points: 0, wholePoints: 0, listed: 0, versions: 0, findings: 0, calls: 0 },
    room: 200,
    ...changed,
  });
  const audit = async (changed: Partial<CheckObjectsRequest> = {}) => (await checkObjects(request(changed), portsOf())).findings;
  return {
    ...world,
    kms,
    keyId,
    keyArn,
    alias,
    putFact,
    putLinkedPoint,
    putLockedPoint,
    portsOf,
    request,
    audit,
    later,
  };
}
export type AuditWorld = Awaited<ReturnType<typeof makeAuditWorld>>;
