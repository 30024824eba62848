import { beforeEach, describe, expect, it } from 'vitest';
import { readRecord } from '../../../adapters/vault/read-records.ts';
import { sha256Hex } from '../../../core/evidence/statement.ts';
import { parseJson } from '../../../core/parse-json.ts';
import { ExpiryEvidence, type KeptPoint } from '../../../core/retention/contract.ts';
import type { RetentionPolicy } from '../../../core/retention/policy.ts';
import { evidenceKey, factKey } from '../../../core/vault/keys.ts';
import { decidePoints } from '../../../functions/retention/decide-points.ts';
import { expirePoints } from '../../../functions/retention/expire-points.ts';
import { writeEvidence } from '../../../functions/retention/write-evidence.ts';
import { ASSET } from '../vault-world.ts';
import { Killed, killedPorts } from './killed-ports.ts';
import { daysAgo, makeRetentionWorld, NOW, RUN, type RetentionWorld } from './retention-world.ts';

const POLICY: RetentionPolicy = { hotSeconds: 30 * 86_400, keepProven: 1, zone: 'UTC' };
const NOTHING_SWEPT = { attempts: [], objects: 0, bytes: 0, uploads: 0, refused: 0, unreadable: [] };
const [OLD, OLDER, NEW] = [daysAgo(40), daysAgo(41), daysAgo(0)];

let world: RetentionWorld;
const write = (run = RUN, kept: KeptPoint[] = [], ports = world.ports) =>
  writeEvidence({ asset: ASSET, run, execution: 'arn:aws:states:execution', kept, swept: NOTHING_SWEPT }, ports);
const evidenceOf = async (run = RUN) => {
  const record = await readRecord(world.vault, evidenceKey(world.system, 'expiry', `${run}-${ASSET}`));
  return record && ExpiryEvidence.parse(parseJson(record.body));
};
const expire = async (points: string[], run = RUN) =>
  expirePoints(
    { BatchInput: { ...world.request(POLICY), run }, Items: await Promise.all(points.map((point) => world.lineOf(point))) },
    world.ports,
  );

beforeEach(async () => {
  world = await makeRetentionWorld();
  await Promise.all([world.putGoodPoint(NEW, { proven: true }), world.putGoodPoint(OLD), world.putGoodPoint(OLDER)]);
});

describe('the evidence of a run', () => {
  it('says what went and why, by the hashes of the manifests and of the tombstones, and what is still there', async () => {
    const line = await world.lineOf(OLDER);
    await decidePoints(world.request(POLICY), world.ports);
    await expire([OLDER]);
    const kept = [{ point: OLD, failed: true, why: 'an object of it is locked' }];
    expect(await write(RUN, kept)).toEqual({
      keys: [evidenceKey(world.system, 'expiry', `${RUN}-${ASSET}`)],
      expired: 1,
      failed: 1,
    });
    const tombstone = factKey(world.system, ASSET, OLDER, 'tombstone', RUN);
    const record = await readRecord(world.vault, tombstone);
    expect(await evidenceOf()).toMatchObject({
      bucket: world.vaultBucket,
      expired: [
        {
          point: OLDER,
          manifestSha256: line.manifestSha256,
          objects: 2,
          reasons: [expect.stringContaining('no window of the plan keeps it')],
        },
      ],
      kept,
      records: [{ key: tombstone, sha256: sha256Hex(record?.body ?? new Uint8Array()) }],
    });
  });

  it('tells of what went who had held it and who released it: their own records went with it', async () => {
    const HOLD = { hold: 'case-7', reason: 'litigation', by: 'anna' };
    await world.putFact(OLDER, 'held', HOLD);
    await world.putRelease(OLDER, HOLD.hold);
    await decidePoints(world.request(POLICY), world.ports);
    expect(await expire([OLDER])).toMatchObject({ expired: 1 });
    expect((await world.keysIn()).filter((key) => key.includes(`/${OLDER}/`) && /(held|released)-/.test(key))).toEqual([]);
    await write();
    const at = (seconds: number) => new Date(NOW.getTime() + seconds * 1000).toISOString();
    expect((await evidenceOf())?.expired).toMatchObject([
      {
        point: OLDER,
        holds: [
          { kind: 'held', ...HOLD, at: at(0) },
          { kind: 'released', hold: HOLD.hold, reason: 'closed', by: 'legal', at: at(1) },
        ],
      },
    ]);
  });

  it('is not written where nothing was to go and nothing was swept', async () => {
    await Promise.all([OLD, OLDER].map((point) => world.putFact(point, 'held', { hold: 'h', reason: 'r', by: 'b' })));
    await decidePoints(world.request(POLICY), world.ports);
    expect(await write()).toEqual({ keys: [], expired: 0, failed: 0 });
    expect(await evidenceOf()).toBeUndefined();
  });

  it('names what a step that was killed did not expire', async () => {
    await decidePoints(world.request(POLICY), world.ports);
    await expire([OLDER]);
    expect(await write()).toMatchObject({ expired: 1, failed: 1 });
    expect((await evidenceOf())?.kept).toEqual([{ point: OLD, failed: true, why: expect.stringContaining('ended before') as string }]);
  });

  it('that was killed before it is written by the run of the next day, with its own', async () => {
    const yesterday = '20261120T042000Z-fedcba';
    await decidePoints({ ...world.request(POLICY), run: yesterday }, world.ports);
    await expire([OLD, OLDER], yesterday);
    expect(await write()).toEqual({ keys: [evidenceKey(world.system, 'expiry', `${yesterday}-${ASSET}`)], expired: 0, failed: 0 });
    expect((await evidenceOf(yesterday))?.expired.map(({ point }) => point)).toEqual([OLDER, OLD]);
  });

  it('that nobody signed is handed on as it stands by every later run, until it is signed', async () => {
    const yesterday = '20261120T042000Z-fedcba';
    const key = evidenceKey(world.system, 'expiry', `${yesterday}-${ASSET}`);
    await decidePoints({ ...world.request(POLICY), run: yesterday }, world.ports);
    await expire([OLD, OLDER], yesterday);
    await write(yesterday);
    const unsigned = await evidenceOf(yesterday);
    expect(await write()).toEqual({ keys: [key], expired: 0, failed: 0 });
    expect(await evidenceOf(yesterday)).toEqual(unsigned);
    await world.sign(key);
    expect((await write()).keys).toEqual([]);
  });

  it('of a run that may still be under way is left to that run', async () => {
    const underWay = '20261121T110000Z-fedcba';
    await decidePoints({ ...world.request(POLICY), run: underWay }, world.ports);
    expect((await write()).keys).toEqual([]);
  });

  it('killed at any call of S3 and begun again is the same', async () => {
    await decidePoints(world.request(POLICY), world.ports);
    await expire([OLD, OLDER]);
    const counting = killedPorts(world.ports, 'before');
    await write(RUN, [], counting.ports);
    const first = await evidenceOf();
    for (let position = 1; position <= counting.calls(); position++) {
      const run = `20261121T1200${String(position).padStart(2, '0')}Z-abcdef`;
      await decidePoints({ ...world.request(POLICY), run }, world.ports);
      const killed = killedPorts(world.ports, position % 2 === 0 ? 'before' : 'after', position);
      await write(RUN, [], killed.ports).catch((error: unknown) => {
        if (!(error instanceof Killed)) throw error;
      });
      expect(await write()).toMatchObject({ expired: 2, failed: 0 });
      expect(await evidenceOf()).toEqual(first);
    }
  });
});
