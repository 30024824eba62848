/** The watcher over vaults on the emulator: what it finds by keys and few records, and the message that arrives. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBucket } from '../../adapters/s3/bucket.ts';
import { snsNotifier } from '../../adapters/sns/publish.ts';
import { KeyAsset, PostgresAsset } from '../../core/plan/schema.ts';
import { claimKey, escrowFactKey, factKey, keyWatchKey, manifestKey } from '../../core/vault/keys.ts';
import type { Fact } from '../../core/vault/facts.ts';
import type { Manifest } from '../../core/vault/manifest.ts';
import type { KeyWatchRecord } from '../../core/watch/key-record.ts';
import type { Used } from '../../core/watch/used.ts';
import { watchedAssets } from '../../core/watch/watched.ts';
import { watchAssets, type WatchAssetsPorts } from '../../functions/watch/watch-assets.ts';
import { makeAlarmTopic, type AlarmTopic } from '../helpers/alarm-topic.ts';
import { freshBucket, rootSettings } from '../helpers/servers.ts';
import { putUnheldSignature } from '../helpers/unheld-signature.ts';
import { ASSET, HOME, makeVaultWorld, type VaultWorld } from './vault-world.ts';

const RUN = '20261120T020000Z-abcdef';
const KEY = 'sealing-key';
const schedule = (cron: string) => ({ cron, timeZone: 'UTC', longestRun: 'PT15M' });
const database = (id: string = ASSET) =>
  PostgresAsset.parse({
    id,
    kind: 'postgres',
    objectives: { rpo: 'PT3H', rto: 'PT1H' },
    source: { secret: 's', postgresMajor: 16 },
    schedule: schedule('0 * * * ? *'),
    retention: { hot: 'P30D' },
    lock: { length: 'P30D', longestDetection: 'P14D' },
    drill: { schedule: schedule('0 5 1 * ? *'), period: 'P35D', checks: [{ name: 'rows', sql: 'SELECT 1', expect: 1 }] },
  });
const sealingKey = KeyAsset.parse({
  id: KEY,
  kind: 'key',
  objectives: { rpo: 'PT25H', rto: 'PT1H' },
  source: { secret: 'k' },
  escrow: { schedule: schedule('0 0 * * ? *') },
});

let world: VaultWorld;
let topic: AlarmTopic;
let manifest: Manifest;
let escrow: ReturnType<typeof openBucket>;
const counted: object[] = [];

beforeAll(async () => {
  [world, topic] = await Promise.all([makeVaultWorld(), makeAlarmTopic(HOME)]);
  escrow = openBucket(await freshBucket({ objectLock: true, name: 'escrow' }), rootSettings(HOME), {});
  manifest = await world.putPoint('20200101T000000Z');
});
afterAll(() => topic?.close());

const ports = (now: string, over: Partial<WatchAssetsPorts> = {}): WatchAssetsPorts => ({
  system: world.system,
  side: 'vault',
  region: HOME,
  vault: world.vault,
  escrow: escrow.reader,
  notifier: snsNotifier(topic.arn, rootSettings(HOME)),
  publish: (counts) => counted.push(counts),
  now: () => new Date(now),
  ...over,
});
const look = (at: string, assets: (PostgresAsset | KeyAsset)[] = [database()], over?: Partial<WatchAssetsPorts>) =>
  watchAssets({ at, assets: watchedAssets(assets, over?.side ?? 'vault') }, ports(at, over));

type Own<F> = F extends Fact ? Omit<F, 'format' | 'system' | 'asset' | 'point' | 'id'> : never;
const addFact = async (asset: string, point: string, own: Own<Fact>, { run = RUN, vault = world.vault } = {}) =>
  vault.putOnce(
    factKey(world.system, asset, point, own.kind, run),
    JSON.stringify({ format: 'holdfast/fact/v1', system: world.system, asset, point, id: run, ...own }),
  );
const verified = (at: string) => ({ kind: 'verified' as const, at, bytesRead: 1, rows: [], largeObjects: 0 });
const drilled = (at: string, outcome: 'passed' | 'failed' = 'passed') => ({
  kind: 'drilled' as const,
  at,
  outcome,
  evidence: 'evidence/x',
  rtoSeconds: 60,
  from: 'vault' as const,
  reasons: [outcome],
});

/** A whole point, as a run leaves it; or one that lacks something. */
async function makePoint(point: string, { asset = ASSET, without = '', vault = world.vault } = {}) {
  const at = `${point.slice(0, 4)}-${point.slice(4, 6)}-${point.slice(6, 8)}T${point.slice(9, 11)}:${point.slice(11, 13)}:30.000Z`;
  await vault.putOnce(
    manifestKey(world.system, asset, point),
    JSON.stringify({ ...manifest, asset, point, slot: point, startedAt: at, consistentAt: at, finishedAt: at }),
  );
  if (without !== 'verified') await addFact(asset, point, verified(at), { vault });
  if (without !== 'locked') await addFact(asset, point, { kind: 'locked', at, mode: 'governance', until: at, objects: 1 }, { vault });
  const replicated = { kind: 'replicated' as const, at, bucket: 'b', region: 'r', lockedUntil: at, objects: [] };
  if (without !== 'replicated') await addFact(asset, point, replicated, { vault });
  await putUnheldSignature(vault, world.system, manifestKey(world.system, asset, point));
}

describe('watchAssets', () => {
  it('tells of a slot that was missed: what, who had it, what to do, and the heading', async () => {
    // By the plan, and once more by hand.
    for (const point of ['20261120T080000Z', '20261120T090000Z', '20261120T102000Z-m000001']) await makePoint(point);
    await addFact(ASSET, '20261120T080000Z', drilled('2026-11-20T08:10:00.000Z'));
    const execution = `arn:aws:states:eu-central-1:000000000000:execution:holdfast-${world.system}-backup:one`;
    await world.vault.putOnce(
      claimKey(world.system, ASSET, '20261120T100000Z', 1),
      JSON.stringify({
        format: 'holdfast/claim/v1',
        system: world.system,
        asset: ASSET,
        slot: '20261120T100000Z',
        claim: 1,
        execution,
        run: RUN,
        claimedAt: '2026-11-20T10:00:05.000Z',
      }),
    );
    // Its time is not over, then it is, then it has been told of.
    expect(await look('2026-11-20T10:15:00Z')).toMatchObject({ slotsMissed: 0, told: 0 });
    expect(await look('2026-11-20T10:30:00Z')).toEqual({
      watched: 1,
      slotsMissed: 1,
      objectivesBroken: 0,
      withoutData: 0,
      clocksDiffer: 0,
      told: 1,
    });
    expect(counted.at(-1)).toMatchObject({ slotsMissed: 1, watched: 1 });
    const { Subject, Message } = await topic.message('2026-11-20T10:00:00.000Z has no point');
    expect(Subject).toBe(`Holdfast: ${world.system}, seen from the vault: 1 missed`);
    expect(Message).toContain(`What       The slot 2026-11-20T10:00:00.000Z has no point; ${execution} had it; a later run has made one`);
    expect(Message).toContain(`On what    asset ${ASSET} of ${world.system}, seen from the vault in ${HOME}`);
    expect(Message).toContain('Since      2026-11-20T10:30:00.000Z');
    expect(Message).toContain(`Do next    npx holdfast backup ${ASSET}`);
    expect(Message).toContain('Runbook    docs/runbook.md, heading A slot was missed');
    expect(await look('2026-11-20T10:45:00Z')).toMatchObject({ slotsMissed: 0, told: 0 });
    expect(topic.count('2026-11-20T10:00:00.000Z has no point')).toBe(1);
  });

  it('tells of it once more in the summary of the day', async () => {
    expect(await look('2026-11-21T06:45:00Z')).toMatchObject({ objectivesBroken: 1 });
    const { told } = await look('2026-11-21T07:00:00Z');
    expect(told).toBeGreaterThan(15);
    const { Subject, Message } = await topic.message('once a day');
    expect(Subject).toMatch(/seen from the vault: of the day: 1 broken, \d+ missed$/);
    expect(Message).toContain('The slot 2026-11-20T10:00:00.000Z has no point');
    expect(Message).toContain('The newest verified point is 20.7 h old, and 3.3 h are allowed (3 h RPO and one run of 15 min)');
    expect(Message.indexOf('No new recovery point')).toBeLessThan(Message.indexOf('A slot was missed'));
  });

  it('says no data as such, of a database and of a key, and has no slots of theirs', async () => {
    const assets = [database('nothing'), sealingKey];
    expect(await look('2026-11-20T07:00:00Z', assets)).toMatchObject({ watched: 2, slotsMissed: 0, withoutData: 4, told: 4 });
    const { Subject, Message } = await topic.message('asset nothing of');
    expect(Subject).toContain('4 without data');
    for (const text of ['No point was ever verified', 'No point was ever restored in a drill', 'No escrowed copy was ever read back'])
      expect(Message).toContain(`What       No data: ${text}`);
    expect(Message).toContain('heading No data');
  });

  it('tells of a point that is not finished, and of one that is not in the replica', async () => {
    await makePoint('20261110T080000Z', { asset: 'behind' });
    await addFact('behind', '20261110T080000Z', drilled('2026-11-10T08:10:00.000Z'));
    await makePoint('20261110T090000Z', { asset: 'behind', without: 'replicated' });
    const told = await look('2026-11-10T09:30:00Z', [database('behind')]);
    expect(told).toMatchObject({ objectivesBroken: 1, told: 1 });
    const { Message } = await topic.message('Point 20261110T090000Z is committed and not finished: nothing says that it is replicated');
    expect(Message).toContain('Do next    npx holdfast backup behind --finish 20261110T090000Z');
    expect(Message).toContain('heading Unfinished points');
    // Three hours of RPO, a run, and the slack.
    await look('2026-11-10T12:30:00Z', [database('behind')]);
    expect((await topic.message('Point 20261110T090000Z is not in the replica')).Message).toContain('heading The replica is behind');
  });

  it('goes by the newest point that can be read, and says which cannot', async () => {
    await makePoint('20261105T080000Z', { asset: 'torn' });
    await addFact('torn', '20261105T080000Z', drilled('2026-11-05T08:10:00.000Z', 'failed'));
    await world.vault.putOnce(manifestKey(world.system, 'torn', '20261105T090000Z'), '{"half":');
    await addFact('torn', '20261105T090000Z', verified('2026-11-05T09:01:00.000Z'));
    expect(await look('2026-11-06T07:00:00Z', [database('torn')])).toMatchObject({ withoutData: 1 });
    const { Message } = await topic.message('heading PointDamaged');
    expect(Message).toContain('manifest.json is not a record that Holdfast wrote');
    expect(Message).toContain('The newest verified point is 23 h old');
    expect(Message).toContain('heading CheckFailed');
  });

  it('tells of one asset what it sees of it when another cannot be read', async () => {
    const assets = [database(), sealingKey];
    const nowhere = openBucket('holdfast-no-such-bucket', rootSettings(HOME), {}).reader;
    expect(await look('2026-11-21T07:00:00Z', assets, { escrow: nowhere })).toMatchObject({ withoutData: 1, objectivesBroken: 1 });
    const { Message } = await topic.message('Nothing is known of it');
    expect(Message).toContain(`On what    asset ${KEY}`);
    expect(Message).toContain('heading The watcher cannot see');
    expect(Message).toContain('The newest verified point is');
  });

  it('sees a key that was read back, one that was not for too long, and one that is not the current one', async () => {
    const put = (fingerprint: string, kind: 'current' | 'readback', run: string, at: string) =>
      escrow.writer.putOnce(
        escrowFactKey(world.system, KEY, fingerprint, kind, run),
        JSON.stringify({
          format: 'holdfast/escrow-fact/v1',
          kind,
          system: world.system,
          key: KEY,
          fingerprint,
          id: run,
          ...(kind === 'readback' ? { at, region: HOME, regionFingerprint: fingerprint, envelopeVersionId: 'v' } : {}),
        }),
      );
    await put('aa', 'current', '20261120T000001Z-000001', '');
    await put('aa', 'readback', '20261120T000001Z-000001', '2026-11-20T00:00:30.000Z');
    const see = (at: string) => look(at, [sealingKey]);
    expect(await see('2026-11-20T12:00:00Z')).toMatchObject({ slotsMissed: 0, objectivesBroken: 0, withoutData: 1 });
    expect(await see('2026-11-21T00:30:00Z')).toMatchObject({ slotsMissed: 1, told: 1 });
    expect((await topic.message('The key was not read back for the slot 2026-11-21T00:00:00.000Z')).Message).toContain(
      `Do next    npx holdfast escrow ${KEY}`,
    );
    expect(await see('2026-11-21T01:30:00Z')).toMatchObject({ objectivesBroken: 1, told: 1 });
    expect((await topic.message('The last read-back in the vault’s region was 25.5 h ago')).Message).toContain(
      'heading Escrow is missing or stale',
    );
    await put('bb', 'current', '20261121T013000Z-000002', '');
    await look('2026-11-21T07:00:00Z', [sealingKey]);
    expect((await topic.message('The current value was never read back in the vault’s region')).Message).toContain('heading Escrow is');
  });

  it('tells, in the summary of each day, of a KMS key and a source that the key watch saw end, until it sees otherwise', async () => {
    const seen = async (id: string, at: string, used: Used[]) => {
      const record: KeyWatchRecord = { format: 'holdfast/key-watch/v1', system: world.system, region: HOME, at, used };
      await escrow.writer.putOnce(keyWatchKey(world.system, id), JSON.stringify(record));
    };
    const key = { kind: 'key', alias: `alias/holdfast/${world.system}/escrow`, arn: 'arn:aws:kms:x' } as const;
    const source = { kind: 'source', source: { store: 'secret', name: 'k' } } as const;
    await seen('20261123T064000Z', '2026-11-23T06:40:00.000Z', [
      { ...key, state: 'deletion-scheduled', endsAt: '2026-12-23T06:38:00.000Z' },
      { ...source, state: 'deletion-scheduled', since: '2026-11-23T06:39:00.000Z' },
    ]);
    const { told } = await look('2026-11-23T07:00:00Z', [sealingKey]);
    expect(told).toBeGreaterThan(1);
    const { Message } = await topic.message('is to be deleted on 2026-12-23');
    expect(Message).toContain('2026-12-23 (the vault’s region, seen 2026-11-23 06:40 UTC)');
    expect(Message).toContain('Do next    Cancel the deletion or enable the key under the break-glass role');
    expect(Message).toContain('The secret k is deleted, and can be restored until its window ends');
    expect(Message).toContain('Runbook    docs/runbook.md, heading A KMS key is about to go');
    await seen('20261123T071000Z', '2026-11-23T07:10:00.000Z', [
      { ...key, state: 'works' },
      { ...source, state: 'works' },
    ]);
    const { objectivesBroken } = await look('2026-11-23T07:15:00Z', [sealingKey]);
    expect(objectivesBroken).toBe((await look('2026-11-23T06:20:00Z', [sealingKey])).objectivesBroken);
  });

  it('beside the replica sees what is there, with the vault gone', async () => {
    await makePoint('20261120T080000Z', { vault: world.replica });
    await addFact(ASSET, '20261120T080000Z', drilled('2026-11-20T08:10:00.000Z'), { vault: world.replica });
    const over = { side: 'replica' as const, vault: world.replica, region: 'eu-west-1' };
    expect(await look('2026-11-20T08:45:00Z', [database()], over)).toMatchObject({ slotsMissed: 0, told: 0 });
    expect(await look('2026-11-20T11:30:00Z', [database()], over)).toMatchObject({ slotsMissed: 3, objectivesBroken: 1, told: 2 });
    const { Subject, Message } = await topic.message('in eu-west-1');
    expect(Subject).toContain('seen from the replica: 1 broken, 1 missed');
    expect(Message).toContain(`Do next    See whether the home region still works; there: npx holdfast backup ${ASSET}`);
    expect(Message).toContain('All of it: npx holdfast status --from replica');
  });

  it.each(['2026-11-20T12:30:00Z', '2026-11-20T08:30:00Z'])(
    'goes by Scheduler’s clock when its own says %s at 10:30, and says so',
    async (own) => {
      const at = '2026-11-20T10:30:00Z';
      const answer = await watchAssets({ at, assets: watchedAssets([database()], 'vault') }, ports(own));
      expect(answer).toMatchObject({ slotsMissed: 1, clocksDiffer: 1, objectivesBroken: 0 });
    },
  );
});
