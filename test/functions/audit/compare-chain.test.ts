/** Points and links that somebody took away past every lock: each is found, and nothing else is. */
import { DeleteObjectsCommand } from '@aws-sdk/client-s3';
import { beforeEach, describe, expect, it } from 'vitest';
import { storedVersions } from '../../../adapters/vault/read-records.ts';
import { CheckObjectsAnswer } from '../../../core/audit/contract.ts';
import { explainFinding } from '../../../core/audit/explain-finding.ts';
import type { Finding } from '../../../core/audit/findings.ts';
import { chainKey, manifestKey, pointPrefix, signatureKey } from '../../../core/vault/keys.ts';
import type { VaultSide } from '../../../core/vault/side.ts';
import { checkObjects } from '../../../functions/audit/check-objects.ts';
import { putUnheldSignature } from '../../helpers/unheld-signature.ts';
import { ASSET, HOME } from '../vault-world.ts';
import { makeAuditWorld, RUN, type AuditWorld } from './audit-world.ts';

const POINTS = Array.from({ length: 5 }, (_, index) => `2026110${index + 1}T020000Z`);
const [, SECOND_POINT = '', MIDDLE = '', , LAST = ''] = POINTS;
const OF_CHAIN = ['point-lost', 'links-missing', 'link-unreadable', 'point-unlinked', 'manifest-differs', 'record-unreadable'];

describe('what the audit finds by the chain', () => {
  let world: AuditWorld;
  beforeEach(async () => {
    world = await makeAuditWorld();
    for (const point of POINTS) await world.putLinkedPoint(point);
  });
  const look = async (side: VaultSide = 'vault', hours = 2): Promise<Finding[]> => {
    const request = world.request({ sample: { residues: [] }, isWhole: false });
    const answer = await checkObjects(
      request,
      world.portsOf(side, () => world.later(hours)),
    );
    const { findings } = CheckObjectsAnswer.parse(answer);
    return findings.filter(({ kind }) => OF_CHAIN.includes(kind));
  };
  /** As somebody does who may do everything: every version, past the lock. */
  const destroy = async (prefix: string) => {
    const versions = await storedVersions(world.vault, prefix);
    expect(versions.length).toBeGreaterThan(0);
    const Objects = versions.map(({ key, versionId }) => ({ Key: key, VersionId: versionId }));
    await world.home.send(new DeleteObjectsCommand({ Bucket: world.vaultBucket, BypassGovernanceRetention: true, Delete: { Objects } }));
  };
  const folder = (point: string) => pointPrefix(world.system, ASSET, point);
  const told = (finding: Finding) =>
    explainFinding(finding, {
      system: world.system,
      side: 'vault',
      region: HOME,
      bucket: world.vaultBucket,
      run: RUN,
      planFile: 'plans/x.yaml',
      assets: [],
    });

  it('points that are wholly gone, one beside the other, and how they are had back', async () => {
    expect(await look()).toEqual([]);
    for (const point of [SECOND_POINT, MIDDLE]) await destroy(folder(point));
    const findings = await look();
    expect(findings).toEqual(
      [SECOND_POINT, MIDDLE].map((point, index) => ({ kind: 'point-lost', asset: ASSET, point, link: index + 2, wasReplicated: true })),
    );
    const { what, fix, command } = told(findings[0]!);
    expect(what).toContain(`The point ${ASSET}/${SECOND_POINT} is lost: link 2 of the chain names it`);
    expect(fix).toContain(`npx holdfast verify ${ASSET}/${SECOND_POINT} --from replica`);
    expect(command).toBe(`npx holdfast restore ${ASSET}/${SECOND_POINT} --to <database> --from replica`);
  });

  it('a point that is gone while the counts agree, since another calls itself linked and is not', async () => {
    // As many links as points that call themselves linked: whoever only counts sees nothing.
    await destroy(folder(MIDDLE));
    await world.putPoint('20261106T020000Z');
    await putUnheldSignature(world.vault, world.system, manifestKey(world.system, ASSET, '20261106T020000Z'));
    expect(await look()).toMatchObject([
      { kind: 'point-lost', point: MIDDLE },
      { kind: 'point-unlinked', point: '20261106T020000Z' },
    ]);
  });

  it('a point whose manifest alone is gone; one with a tombstone has expired', async () => {
    await destroy(manifestKey(world.system, ASSET, MIDDLE));
    await world.putFact(LAST, 'tombstone', { manifestSha256: 'ab'.repeat(32), reasons: ['no window'], objects: 1 });
    await destroy(manifestKey(world.system, ASSET, LAST));
    const [finding, ...others] = await look();
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ kind: 'point-lost', point: MIDDLE, link: 3 });
  });

  it('a forged manifest whose true one was deleted: by the signature that was left, and by the link when that was forged too', async () => {
    const [first, second] = [SECOND_POINT, MIDDLE].map((point) => manifestKey(world.system, ASSET, point)) as [string, string];
    for (const key of [first, second]) {
      const body = Buffer.from((await world.vault.get({ key }))!.body).toString();
      await destroy(key);
      await world.vault.putOnce(key, body.replace(/"sha256":"[0-9a-f]{64}"/, `"sha256":"${'0'.repeat(64)}"`));
    }
    await destroy(signatureKey(second));
    await putUnheldSignature(world.vault, world.system, second);
    // Points that no run ended are looked at whole once no run can be at them.
    const findings = await look('vault', 25);
    expect(findings).toMatchObject([
      { kind: 'manifest-differs', point: SECOND_POINT, link: 2, key: first },
      { kind: 'manifest-differs', point: MIDDLE, link: 3, key: second },
      { kind: 'record-unreadable', point: SECOND_POINT },
    ]);
    const { what, command } = told(findings[1]!);
    expect(what).toContain(`The manifest of ${ASSET}/${MIDDLE}`);
    expect(command).toBe(`npx holdfast verify ${ASSET}/${MIDDLE} --from replica`);
  });

  it('links that are gone, at the end of the chain too, and one that is none', async () => {
    await destroy(chainKey(world.system, ASSET, 5));
    await destroy(chainKey(world.system, ASSET, 2));
    await destroy(chainKey(world.system, ASSET, 3));
    await world.vault.putOnce(chainKey(world.system, ASSET, 3), '{}');
    const findings = await look();
    expect(findings).toMatchObject([
      { kind: 'links-missing', from: 2, to: 2 },
      { kind: 'link-unreadable', key: chainKey(world.system, ASSET, 3) },
      { kind: 'point-unlinked', point: SECOND_POINT },
      { kind: 'point-unlinked', point: MIDDLE },
      { kind: 'point-unlinked', point: LAST },
    ]);
    for (const finding of findings) expect(told(finding).command).toMatch(/^npx holdfast evidence verify/);
  });

  it('nothing of what a run is still at, and in the replica nothing of what may yet arrive or never came', async () => {
    await destroy(folder(MIDDLE));
    expect(await look('vault', 0)).toEqual([]);
    // Links follow by themselves, with their points or without.
    for (const link of [1, 2]) {
      const body = (await world.vault.get({ key: chainKey(world.system, ASSET, link) }))!.body;
      await world.replica.putOnce(chainKey(world.system, ASSET, link), body);
    }
    const uncopied = JSON.parse(Buffer.from((await world.vault.get({ key: chainKey(world.system, ASSET, 3) }))!.body).toString()) as object;
    await world.replica.putOnce(chainKey(world.system, ASSET, 3), JSON.stringify({ ...uncopied, records: [] }));
    expect(await look('replica', 2)).toEqual([]);
    expect(await look('replica', 25)).toMatchObject([
      { kind: 'point-lost', point: POINTS[0] },
      { kind: 'point-lost', point: SECOND_POINT },
    ]);
  });
});
