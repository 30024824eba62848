/** A vault with points of many days, and the retention functions over it at a time that a test chooses. */
import { openBucket } from '../../../adapters/s3/bucket.ts';
import { sha256Hex } from '../../../core/evidence/statement.ts';
import type { ExpiryLine } from '../../../core/retention/contract.ts';
import type { RetentionPolicy } from '../../../core/retention/policy.ts';
import { FACT_FORMAT, type Fact } from '../../../core/vault/facts.ts';
import { factKey, manifestKey } from '../../../core/vault/keys.ts';
import { listPoints } from '../../../core/vault/read-point.ts';
import type { RetentionPorts } from '../../../functions/retention/ports.ts';
import { signObjects, type SignPorts } from '../../../functions/evidence/sign-objects.ts';
import { rootSettings } from '../../helpers/servers.ts';
import { signingKey } from '../../helpers/signed-vault.ts';
import { ASSET, HOME, makeVaultWorld, SECOND } from '../vault-world.ts';

export const NOW = new Date('2026-11-21T12:00:00Z');
export const RUN = '20261121T120000Z-abcdef';
const MILLISECONDS_PER_DAY = 86_400_000;

/** The slot of so many days before `NOW`. */
export const daysAgo = (days: number) =>
  `${new Date(NOW.getTime() - days * MILLISECONDS_PER_DAY).toISOString().slice(0, 10).replaceAll('-', '')}T020000Z`;

type Kind = Fact['kind'];
type Detail<K extends Kind> = Omit<Extract<Fact, { kind: K }>, 'format' | 'kind' | 'system' | 'asset' | 'point' | 'id' | 'at'>;

export async function makeRetentionWorld() {
  const world = await makeVaultWorld();
  const { system } = world;
  const portsOf = (bucket: string, region: string): RetentionPorts => {
    const { reader, writer, deleter } = openBucket(bucket, rootSettings(region), {});
    return { system, vault: { ...reader, ...writer }, deleter, now: () => NOW };
  };
  const ports = portsOf(world.vaultBucket, HOME);

  async function putFact<K extends Kind>(point: string, kind: K, detail: Detail<K>, at = NOW, id = `${point}-${kind}`): Promise<string> {
    const key = factKey(system, ASSET, point, kind, id);
    await world.vault.putOnce(
      key,
      JSON.stringify({ format: FACT_FORMAT, kind, system, asset: ASSET, point, id, at: at.toISOString(), ...detail }),
    );
    return key;
  }

  let signPorts: Promise<{ signPorts: SignPorts }> | undefined;
  /** By the key of the vault, which is made when it is asked for first. */
  async function sign(...keys: string[]): Promise<void> {
    signPorts ??= signingKey(system, world.vault);
    await signObjects({ keys }, (await signPorts).signPorts);
  }

  /** A release as the machine of holds leaves it. */
  async function putRelease(point: string, hold: string, at = new Date(NOW.getTime() + 1000)): Promise<string> {
    const key = await putFact(point, 'released', { hold, reason: 'closed', by: 'legal' }, at);
    await sign(key);
    return key;
  }

  /** A point as a whole run leaves it, whose lock is over. */
  async function putGoodPoint(point: string, { proven = false, bodies = 2 }: { proven?: boolean; bodies?: number } = {}) {
    const manifest = await world.putPoint(
      point,
      Array.from({ length: bodies }, (_, n) => Buffer.from(`dump ${n} of ${point}`)),
    );
    const until = new Date(NOW.getTime() - MILLISECONDS_PER_DAY).toISOString();
    await putFact(point, 'verified', { bytesRead: 1, rows: [], largeObjects: 0 });
    await putFact(point, 'locked', { mode: 'governance', until, objects: 1 });
    const objects = manifest.objects.map(({ key, versionId, sizeBytes, crc }) => ({ key, versionId, sizeBytes, crc }));
    await putFact(point, 'replicated', { bucket: world.replicaBucket, region: SECOND, lockedUntil: until, objects });
    if (proven) await putFact(point, 'drilled', { outcome: 'passed', evidence: 'e', rtoSeconds: 1, from: 'vault', reasons: [] });
    return manifest;
  }

  /** A point whose listing is that of a good one, and whose manifest is none. */
  async function putDamagedPoint(point: string) {
    await world.vault.putOnce(manifestKey(system, ASSET, point), 'not a manifest');
    await putFact(point, 'verified', { bytesRead: 1, rows: [], largeObjects: 0 });
    await putFact(point, 'replicated', { bucket: world.replicaBucket, region: SECOND, lockedUntil: NOW.toISOString(), objects: [] });
  }

  const lineOf = async (point: string, vault = ports.vault): Promise<ExpiryLine> => {
    const manifest = await vault.get({ key: manifestKey(system, ASSET, point) });
    return { system, asset: ASSET, point, manifestSha256: sha256Hex(manifest?.body ?? new Uint8Array()), reasons: ['no window keeps it'] };
  };

  /** Keys of everything that is there, delete markers among them, without what differs from vault to vault. */
  async function keysIn({ vault }: Pick<RetentionPorts, 'vault'> = ports): Promise<string[]> {
    const keys: string[] = [];
    for await (const version of vault.listVersions(''))
      keys.push(`${version.key.replaceAll(system, '<system>')}${version.isDeleteMarker ? ' (marker)' : ''}`);
    return keys.toSorted();
  }

  /** Points that a listing calls good: verified, and with no tombstone. Each of them must have all its bytes. */
  async function goodPoints({ vault }: Pick<RetentionPorts, 'vault'> = ports): Promise<string[]> {
    const listed = await listPoints(vault, system, ASSET);
    return listed.filter(({ kinds }) => kinds.has('verified') && !kinds.has('tombstone')).map(({ point }) => point);
  }

  const request = (policy: RetentionPolicy) => ({ asset: ASSET, run: RUN, policy });
  return { ...world, ports, portsOf, putFact, sign, putRelease, putGoodPoint, putDamagedPoint, lineOf, keysIn, goodPoints, request };
}
export type RetentionWorld = Awaited<ReturnType<typeof makeRetentionWorld>>;
