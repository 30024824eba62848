/** Each deviation of an object is made to happen, and exactly that is found. */
import { DeleteObjectCommand, PutObjectCommand, PutObjectLegalHoldCommand, PutObjectRetentionCommand } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, it } from 'vitest';
import { openBucket } from '../../../adapters/s3/bucket.ts';
import { readManifest, storedVersions } from '../../../adapters/vault/read-records.ts';
import { MOST_CALLS } from '../../../core/audit/contract.ts';
import { explainFinding } from '../../../core/audit/explain-finding.ts';
import { sha256Hex } from '../../../core/evidence/statement.ts';
import { NEWEST_WHOLE, residueOf } from '../../../core/audit/sample.ts';
import { attemptPrefix, dumpObjectKey, evidenceKey, keyWatchKey, manifestKey, pointPrefix } from '../../../core/vault/keys.ts';
import type { Manifest } from '../../../core/vault/manifest.ts';
import { slotInstant } from '../../../core/vault/ids.ts';
import { listPoints } from '../../../core/vault/read-point.ts';
import { checkObjects } from '../../../functions/audit/check-objects.ts';
import { lockObjects } from '../../../functions/lock/lock-objects.ts';
import { freshBucket, rootSettings } from '../../helpers/servers.ts';
import { ASSET, HOME } from '../vault-world.ts';
import { makeAuditWorld, POLICY, RUN, TERM, type AuditWorld } from './audit-world.ts';

const DAYS = 86_400_000;

describe('what the audit finds of a point', () => {
  let world: AuditWorld;
  let minute = 0;
  let point: string;
  let manifest: Manifest;
  beforeAll(async () => {
    world = await makeAuditWorld();
  });
  const nextPoint = () => `20261101T02${String(minute++).padStart(2, '0')}00Z`;
  /** Findings of the newest point alone: those of points that other tests have left are there too. */
  const ofPoint = async () =>
    (await world.audit({ sample: { residues: [] } })).filter((finding) => JSON.stringify(finding).includes(point));
  const at = () => ({ Bucket: world.vaultBucket });
  const ref = (index = 0) => {
    const object = manifest.objects[index]!;
    return { ...at(), Key: object.key, VersionId: object.versionId };
  };
  const put = async (objects?: number) => {
    point = nextPoint();
    manifest = await world.putLockedPoint(point, objects);
  };

  it('nothing, of one that a run has left whole', async () => {
    await put();
    expect(await world.audit()).toEqual([]);
  });

  it('a lock that is shorter than the plan says, as one finding for all versions that it is shorter of', async () => {
    await put(3);
    const until = new Date(Date.now() + 5 * DAYS);
    for (const index of [0, 2])
      await world.home.send(
        new PutObjectRetentionCommand({
          ...ref(index),
          BypassGovernanceRetention: true,
          Retention: { Mode: 'GOVERNANCE', RetainUntilDate: new Date(until.getTime() - index * DAYS) },
        }),
      );
    const [finding, ...others] = await ofPoint();
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ kind: 'lock-short', asset: ASSET, point, versions: 2, versionId: ref(2).VersionId, isFinished: true });
    // The fix that is told puts it right.
    await lockObjects({ system: world.system, asset: ASSET, point, run: `${RUN}-again`, keys: [], term: TERM }, world.lockPorts);
    expect(await ofPoint()).toEqual([]);
  });

  it('a record that is not locked at all', async () => {
    await put();
    const key = await world.putFact(point, 'drilled', { outcome: 'passed', evidence: 'e', rtoSeconds: 1, from: 'vault', reasons: [] });
    expect(await ofPoint()).toMatchObject([{ kind: 'lock-missing', key, versions: 1, mode: 'governance' }]);
  });

  it('governance where the plan says compliance', async () => {
    await put();
    const compliance = { mode: 'compliance', lengthDays: 30 } as const;
    const asked = await world.audit({ sample: { residues: [] }, assets: [{ asset: ASSET, term: compliance, policy: POLICY }] });
    const own = asked.filter((finding) => 'point' in finding && finding.point === point);
    expect(own).toMatchObject([{ kind: 'lock-mode-differs', found: 'governance', expected: 'compliance' }]);
  });

  it('a lock that its own facts promise, and S3 does not have', async () => {
    await put();
    const until = new Date(Date.now() + 400 * DAYS).toISOString();
    await world.putFact(point, 'locked', { mode: 'governance', until, objects: 2 }, `${RUN}-promise`);
    const kinds = (await ofPoint()).map(({ kind }) => kind);
    expect(kinds.toSorted()).toEqual(['lock-missing', 'lock-short']);
  });

  it('bytes that are encrypted in another way, and bytes that are gone', async () => {
    await put();
    const source = manifest;
    point = nextPoint();
    const key = dumpObjectKey(attemptPrefix(world.system, ASSET, point, '0001-1'), 1);
    const written = await world.home.send(new PutObjectCommand({ ...at(), Key: key, Body: 'dump', ServerSideEncryption: 'AES256' }));
    const object = { ...source.objects[0]!, key, versionId: written.VersionId ?? '' };
    const objects = [object, { ...object, key: `${key}-gone`, versionId: 'gone' }];
    await world.vault.putOnce(manifestKey(world.system, ASSET, point), JSON.stringify({ ...source, point, slot: point, objects }));
    // Nobody has finished this point: a run may be at it for a day.
    expect(await ofPoint()).toEqual([]);
    const { findings } = await checkObjects(
      world.request({ sample: { residues: [] } }),
      world.portsOf('vault', () => world.later(30)),
    );
    const own = findings.filter((finding) => 'point' in finding && finding.point === point);
    expect(own).toMatchObject([
      { kind: 'object-missing', versions: 1, versionId: 'gone' },
      { kind: 'lock-missing', versions: 2, isFinished: false },
      { kind: 'encryption-differs', found: 'AES256', expected: `aws:kms under ${world.keyArn}`, versions: 1 },
    ]);
  });

  it('a second version of its manifest, of which the oldest counts', async () => {
    await put();
    const key = manifestKey(world.system, ASSET, point);
    const { VersionId } = await world.home.send(new PutObjectCommand({ ...at(), Key: key, Body: '{}' }));
    expect(await ofPoint()).toEqual([{ kind: 'manifest-overwritten', asset: ASSET, point, key, versionId: VersionId, versions: 2 }]);
  });

  it('a delete marker on its manifest, behind which it is still a point', async () => {
    await put();
    const key = manifestKey(world.system, ASSET, point);
    const { VersionId } = await world.home.send(new DeleteObjectCommand({ ...at(), Key: key }));
    expect(await ofPoint()).toEqual([{ kind: 'point-hidden', asset: ASSET, point, key, versionId: VersionId }]);
    const listed = await listPoints(world.vault, world.system, ASSET);
    expect(listed.find((one) => one.point === point)).toMatchObject({ isHidden: true, isOverwritten: false });
  });

  it('traces on its facts and on its data', async () => {
    await put();
    const facts = await storedVersions(world.vault, `${pointPrefix(world.system, ASSET, point)}verified-`);
    await world.home.send(new DeleteObjectCommand({ ...at(), Key: facts[0]!.key }));
    await world.home.send(new PutObjectCommand({ ...at(), Key: ref(0).Key, Body: 'other bytes' }));
    await world.home.send(new DeleteObjectCommand({ ...at(), Key: ref(1).Key }));
    expect(await ofPoint()).toMatchObject([
      { kind: 'hidden', key: facts[0]!.key },
      { kind: 'overwritten', key: ref(0).Key, versions: 2 },
      { kind: 'hidden', key: ref(1).Key },
    ]);
  });

  it('a hold that S3 does not have, and one that nobody has written down', async () => {
    await put();
    await world.home.send(new PutObjectLegalHoldCommand({ ...ref(0), LegalHold: { Status: 'ON' } }));
    expect(await ofPoint()).toMatchObject([{ kind: 'hold-unknown', versions: 1, key: ref(0).Key }]);
    await world.putFact(point, 'held', { hold: 'case-7', reason: 'a case', by: 'somebody' });
    expect(await ofPoint()).toMatchObject([{ kind: 'hold-missing', holds: ['case-7'], key: ref(1).Key }, { kind: 'lock-missing' }]);
  });

  it('records that nobody can read', async () => {
    await put();
    const other = nextPoint();
    await world.vault.putOnce(manifestKey(world.system, ASSET, other), JSON.stringify({ ...manifest, format: 'something' }));
    point = other;
    const { findings } = await checkObjects(
      world.request(),
      world.portsOf('vault', () => world.later(30)),
    );
    expect(findings.filter((finding) => 'point' in finding && finding.point === other)).toMatchObject([{ kind: 'record-unreadable' }]);
  });
});

describe('a walk', () => {
  let world: AuditWorld;
  const points = Array.from({ length: 8 }, (_, index) => `2026110${index + 1}T020000Z`);
  beforeAll(async () => {
    world = await makeAuditWorld();
    for (const point of points) await world.putLockedPoint(point, 1);
  });

  it('looks at the newest points whole, and at the older ones whose turn it is', async () => {
    const residues = [residueOf(points[1]!)];
    const due = points.slice(0, -NEWEST_WHOLE).filter((point) => residues.includes(residueOf(point)));
    const { tally } = await checkObjects(world.request({ sample: { residues } }), world.portsOf());
    expect(tally).toMatchObject({ points: 8, wholePoints: NEWEST_WHOLE + due.length, findings: 0, calls: 1 });
  });

  it('goes on where its time was up, looks at nothing twice, and ends as one that had the time', async () => {
    await world.home.send(new DeleteObjectCommand({ Bucket: world.vaultBucket, Key: manifestKey(world.system, ASSET, points[3]!) }));
    const whole = await checkObjects(world.request(), world.portsOf());
    let answer = await checkObjects(world.request(), world.portsOf(), 0);
    const findings = [...answer.findings];
    for (let calls = 1; !answer.isDone && calls < 20; calls++) {
      answer = await checkObjects(world.request({ cursor: answer.cursor, tally: answer.tally }), world.portsOf(), 0);
      findings.push(...answer.findings);
    }
    expect(findings).toEqual(whole.findings);
    expect(answer.tally).toEqual({ ...whole.tally, calls: points.length + 1 });
  });

  it('names what it did not come to, and counts what there is no room to name', async () => {
    const tally = { ...world.request().tally, calls: MOST_CALLS - 1 };
    const cut = await checkObjects(world.request({ tally }), world.portsOf(), 0);
    expect(cut).toMatchObject({ isDone: true, findings: [{ kind: 'point-hidden' }, { kind: 'not-looked-at', assets: [ASSET] }] });
    const cutWithoutRoom = await checkObjects(world.request({ tally, room: 0 }), world.portsOf(), 0);
    expect(cutWithoutRoom.findings).toMatchObject([{ kind: 'not-looked-at' }]);
    const full = await checkObjects(world.request({ room: 0 }), world.portsOf());
    expect(full).toMatchObject({ isDone: true, findings: [], tally: { findings: 1 } });
  });

  it('finds a lock that ends before the plan lets the point go, until it is made longer', async () => {
    const assets = [{ asset: ASSET, term: TERM, policy: { ...POLICY, dailySeconds: 400 * 86_400 } }];
    const short = async () =>
      (await checkObjects(world.request({ assets, sample: { residues: [] }, isWhole: false }), world.portsOf())).findings;
    const end = (point: string) => new Date(slotInstant(point).getTime() + 400 * DAYS).toISOString();
    const found = (await short()).filter(({ kind }) => kind === 'lock-short');
    expect(found).toMatchObject(points.map((point) => ({ point, expected: end(point) })));
    for (const point of points) {
      const request = { system: world.system, asset: ASSET, point, run: `${RUN}-window`, keys: [], term: TERM, until: end(point) };
      await lockObjects(request, world.lockPorts);
    }
    expect((await short()).filter(({ kind }) => kind === 'lock-short')).toEqual([]);
  });

  it('leaves out what expires, and looks at what somebody has held before it went', async () => {
    const [going, held] = ['20261009T020000Z', '20261010T020000Z'] as const;
    for (const name of [going, held]) {
      await world.putLockedPoint(name, 1);
      const { body } = await readManifest(world.vault, { system: world.system, asset: ASSET, point: name });
      await world.putFact(name, 'tombstone', { manifestSha256: sha256Hex(body), reasons: [], objects: 1 });
    }
    await world.putFact(held, 'held', { hold: 'case-7', reason: 'a case', by: 'somebody' });
    const { findings } = await checkObjects(world.request({ isWhole: false }), world.portsOf());
    const found = findings.flatMap((finding) => ('point' in finding && finding.kind === 'hold-missing' ? [finding.point] : []));
    expect(found).toEqual([held]);
    expect(findings.filter((finding) => 'point' in finding && finding.point === going)).toEqual([]);
  });

  it('finds what was hidden or written over in escrow, of values and of what the key watch saw, and names the bucket', async () => {
    const { system } = world;
    const Bucket = await freshBucket({ name: 'escrow', region: HOME });
    const { client: escrowClient, reader: escrow } = openBucket(Bucket, rootSettings(HOME), {});
    const ports = { ...world.portsOf(), escrow };
    const of = async () => (await checkObjects(world.request({ assets: [] }), ports)).findings;
    const [envelope, seen] = [`${system}/key/abcd/envelope-1234`, keyWatchKey(system, '20261121T100000Z')];
    for (const Key of [envelope, seen, `${system}/key/abcd/version-1.json`, 'other/key/abcd/envelope'])
      await escrowClient.send(new PutObjectCommand({ Bucket, Key, Body: 'first' }));
    expect(await of()).toEqual([]);
    const second = await escrowClient.send(new PutObjectCommand({ Bucket, Key: envelope, Body: 'second' }));
    const marker = await escrowClient.send(new DeleteObjectCommand({ Bucket, Key: seen }));
    await escrowClient.send(new DeleteObjectCommand({ Bucket, Key: 'other/key/abcd/envelope' }));
    const found = await of();
    expect(found).toEqual([
      { kind: 'escrow-overwritten', bucket: Bucket, key: envelope, versionId: second.VersionId, versions: 2 },
      { kind: 'escrow-hidden', bucket: Bucket, key: seen, versionId: marker.VersionId, versions: 1 },
    ]);
    const on = { system, side: 'vault', region: HOME, bucket: world.vaultBucket, planFile: 'plans/x.yaml', run: RUN, assets: [] } as const;
    expect(found.map((finding) => explainFinding(finding, on))).toMatchObject([
      { what: expect.stringContaining(`s3://${Bucket}/${envelope} is written once, and has 2 versions`) as string },
      { command: `aws s3api list-object-versions --region ${HOME} --bucket ${Bucket} --prefix ${seen}` },
    ]);
    // Of one asset alone escrow is not looked at.
    expect((await checkObjects(world.request({ assets: [], isWhole: false }), ports)).findings).toEqual([]);
  });

  it('finds evidence that is not locked as long as the plan says', async () => {
    const key = evidenceKey(world.system, 'drill', '20261101T030000Z-abcdef');
    await world.vault.putOnce(key, '{}');
    const ofEvidence = async () => {
      const { findings } = await checkObjects(
        world.request({ assets: [] }),
        world.portsOf('vault', () => world.later(30)),
      );
      return findings;
    };
    expect(await ofEvidence()).toMatchObject([{ kind: 'evidence-lock-short', key }]);
    await lockObjects({ keys: [key] }, world.lockPorts);
    expect(await ofEvidence()).toEqual([]);
  });
});
