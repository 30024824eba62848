/**
 * Points of a past month, of which the plan keeps the first: expired by the deployed machines, each over its own vault. A part of a
 * suite that has made a point: a deployment of its own would take longer than all of it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, it } from 'vitest';
import { s3Client } from '../../adapters/s3/client.ts';
import { readRecord, storedVersions } from '../../adapters/vault/read-records.ts';
import { parseJson } from '../../core/parse-json.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import { HoldOutput } from '../../core/lock/contract.ts';
import { ExpiryEvidence, RetentionOutput } from '../../core/retention/contract.ts';
import { FACT_FORMAT } from '../../core/vault/facts.ts';
import { dumpObjectKey, attemptPrefix, factKey, manifestKey, pointDataPrefix, pointPrefix, signatureKey } from '../../core/vault/keys.ts';
import { listPoints, readPoint } from '../../core/vault/read-point.ts';
import { rootSettings } from '../../local/run/place.ts';
import type { DeployedSystem } from '../helpers/deployed-system.ts';

const ASSET = 'postgres';
const RUN_MILLISECONDS = 180_000;
const DAY_MILLISECONDS = 86_400_000;
/** Longer than it takes to put the points: the default lock of the bucket would be two days. */
const LOCK_MILLISECONDS = 8_000;

/** Four days of one month, all of them older than the plan keeps every point. */
const month = new Date(Date.now() - 75 * DAY_MILLISECONDS).toISOString().slice(0, 7).replace('-', '');
const [FIRST, SECOND, THIRD, HELD] = ['10', '11', '12', '13'].map((day) => `${month}${day}T020000Z`) as [string, string, string, string];
const ID = `${SECOND.slice(0, 9)}030000Z-aaaaaa`;

export const describeExpiry = (deployed: () => DeployedSystem) =>
  describe('points that the plan keeps no longer', { timeout: RUN_MILLISECONDS }, () => {
    let system: DeployedSystem;
    let lockedUntil: Date;

    beforeAll(async () => {
      system = deployed();
      lockedUntil = new Date(Date.now() + LOCK_MILLISECONDS);
      for (const side of ['vault', 'replica'] as const) for (const point of [FIRST, SECOND]) await putPoint(side, point, lockedUntil);
      await putPoint('vault', HELD, lockedUntil);
      // Its data has the lock that a run leaves, whatever its fact says.
      await putPoint('vault', THIRD, lockedUntil, new Date(Date.now() + 3 * DAY_MILLISECONDS));
    }, RUN_MILLISECONDS);

    it('go by the machine beside the vault, but for what S3 locks, and the end names that', async () => {
      const held = await system.run('hold', { action: 'add', asset: ASSET, point: HELD, reason: 'litigation', name: 'case-17' });
      expect(HoldOutput.parse('output' in held && held.output)).toMatchObject({ changed: true, holds: ['case-17'] });
      await sleep(Math.max(0, lockedUntil.getTime() - Date.now()) + 1000);
      const end = await system.run('retention', {});
      expect(end).toMatchObject({ status: 'FAILED', error: 'PointNotExpired' });
      const [key] = /evidence\/\S+\.json/.exec('cause' in end ? end.cause : '') ?? [''];
      const points = await listPoints(system.vault, system.plan.system, ASSET);
      expect(points.map(({ point }) => point)).toEqual(expect.arrayContaining([FIRST, THIRD, HELD]));
      expect(points.map(({ point }) => point)).not.toContain(SECOND);
      expect(points.find(({ point }) => point === THIRD)?.kinds.has('tombstone')).toBe(false);
      await expectGone(system.vault);

      const evidence = await evidenceIn(system.vault, key);
      expect(evidence.expired).toMatchObject([{ point: SECOND, objects: 1 }]);
      expect(evidence.kept).toMatchObject([
        { point: THIRD, failed: true, why: expect.stringMatching(/^data\/.* is locked until/) as string },
      ]);
      const [tombstone] = evidence.records;
      expect(await readRecord(system.vault, tombstone?.key ?? '')).toBeDefined();
      // Signed, locked as long as the plan says, and copied.
      for (const vault of [system.vault, system.replica]) {
        expect(await readRecord(vault, signatureKey(key))).toBeDefined();
        expect(((await vault.head({ key }))?.lockedUntil?.getTime() ?? 0) - Date.now()).toBeGreaterThan(3000 * DAY_MILLISECONDS);
      }
      expect((await listPoints(system.replica, system.plan.system, ASSET)).map(({ point }) => point)).toContain(SECOND);
    });

    it('but the first of the month is locked until the month’s window ends, in a signed fact that the replica gets', async () => {
      const records = await readPoint(system.vault, system.plan.system, ASSET, FIRST);
      const extended = records?.facts.find(
        (fact) => fact.kind === 'locked' && fact.until > new Date(Date.now() + 200 * DAY_MILLISECONDS).toISOString(),
      );
      const key = factKey(system.plan.system, ASSET, FIRST, 'locked', extended?.id ?? '');
      for (const vault of [system.vault, system.replica]) expect(await readRecord(vault, signatureKey(key))).toBeDefined();
      const { lockedUntil: end } = (await system.vault.head({ key: records?.manifest.objects[0]?.key ?? '' })) ?? {};
      expect(end?.toISOString()).toBe(extended?.kind === 'locked' && extended.until);
    });

    it('and one that is held stays, with all its objects, until its hold is released by name and the records of that are locked no more', async () => {
      const key = manifestKey(system.plan.system, ASSET, HELD);
      expect((await system.vault.head({ key }))?.isHeld).toBe(true);
      const released = await system.run('hold', { action: 'release', asset: ASSET, point: HELD, reason: 'case closed' });
      expect(HoldOutput.parse('output' in released && released.output)).toMatchObject({ hold: 'case-17', changed: true, holds: [] });
      const end = await system.run('retention', { asset: ASSET });
      const [told] = /evidence\/\S+\.json/.exec('cause' in end ? end.cause : '') ?? [''];
      const evidence = await evidenceIn(system.vault, told);
      // Nothing but the first lock of the youngest records keeps it now, for two days, which is no failure.
      expect(evidence.kept.find(({ point }) => point === HELD)).toMatchObject({
        failed: false,
        why: expect.stringMatching(/^it goes later: catalog\/.*\/(held|released)-.* is locked until/) as string,
      });
    });

    it('go by the machine beside the replica, which nobody told', async () => {
      const end = await system.run('retention', { asset: ASSET }, 'replica');
      expect(end.status === 'SUCCEEDED' ? 'SUCCEEDED' : `${end.error}: ${end.cause}`).toBe('SUCCEEDED');
      const [done] = RetentionOutput.parse('output' in end && end.output).assets;
      expect(done).toMatchObject({ asset: ASSET, expired: 1 });
      await expectGone(system.replica);
      const evidence = await evidenceIn(system.replica, done?.evidence[0] ?? '');
      expect(evidence).toMatchObject({ bucket: system.replica.bucket, expired: [{ point: SECOND }], kept: [] });
      expect(await readRecord(system.replica, signatureKey(done?.evidence[0] ?? ''))).toBeDefined();
    });

    it('are not asked for again: a second run finds nothing to do but what is locked', async () => {
      const end = await system.run('retention', { asset: ASSET }, 'replica');
      expect(RetentionOutput.parse('output' in end && end.output).assets).toMatchObject([{ asset: ASSET, expired: 0, evidence: [] }]);
    });

    async function expectGone(vault: ObjectReader): Promise<void> {
      const name = system.plan.system;
      expect(await storedVersions(vault, pointDataPrefix(name, ASSET, SECOND))).toEqual([]);
      const left = await storedVersions(vault, pointPrefix(name, ASSET, SECOND));
      expect(left.map(({ key }) => key)).toEqual([expect.stringContaining('/tombstone-')]);
    }

    async function evidenceIn(vault: ObjectReader, key: string): Promise<ExpiryEvidence> {
      return ExpiryEvidence.parse(parseJson((await readRecord(vault, key))?.body ?? new Uint8Array()));
    }

    /** The newest point's records under another slot, with data of a few bytes. */
    async function putPoint(side: 'vault' | 'replica', point: string, until: Date, dataUntil = until): Promise<void> {
      const { system: name, home, replica } = system.plan;
      const [place, region] = side === 'vault' ? [system.place, home.region] : [system.replicaPlace, replica.region];
      const client = s3Client(rootSettings(place, region), {});
      const { bucket } = system[side];
      const put = async (Key: string, Body: string, ObjectLockRetainUntilDate: Date) =>
        (await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body, ObjectLockMode: 'GOVERNANCE', ObjectLockRetainUntilDate })))
          .VersionId ?? '';
      const [listed] = await listPoints(system.vault, name, ASSET);
      const newest = await readPoint(system.vault, name, ASSET, listed?.point ?? '');
      const [dump] = newest?.manifest.objects ?? [];
      const key = dumpObjectKey(attemptPrefix(name, ASSET, point, '0001-1'), 1);
      const versionId = await put(key, point, dataUntil);
      const objects = [{ ...dump, key, versionId, sizeBytes: point.length }];
      const at = { startedAt: until, consistentAt: until, finishedAt: until };
      await put(manifestKey(name, ASSET, point), JSON.stringify({ ...newest?.manifest, point, slot: point, ...at, objects }), until);
      for (const fact of newest?.facts ?? []) {
        if (fact.kind === 'drilled') continue;
        const changed = {
          ...fact,
          format: FACT_FORMAT,
          point,
          id: ID,
          ...(fact.kind === 'locked' ? { until: until.toISOString() } : {}),
          // The replica's fact names the versions that stand there.
          ...(fact.kind === 'replicated' && side === 'replica'
            ? { objects: [{ key, versionId, sizeBytes: point.length, crc: dump?.crc }] }
            : {}),
        };
        await put(factKey(name, ASSET, point, fact.kind, ID), JSON.stringify(changed), until);
      }
      client.destroy();
    }
  });
