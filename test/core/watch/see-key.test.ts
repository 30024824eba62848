/** A watcher lists little of a key; of its offline copies it must know what a listing of everything says. */
import { describe, expect, it } from 'vitest';
import { readKeyStates } from '../../../core/escrow/key-state.ts';
import { recipientsId } from '../../../core/escrow/offline/recipients.ts';
import { KeyAsset } from '../../../core/plan/schema.ts';
import type { ListedVersion, ObjectReader } from '../../../core/ports/object-store.ts';
import { judgeOffline } from '../../../core/status/decide-offline.ts';
import { decideWatch } from '../../../core/watch/decide-watch.ts';
import { seeKey } from '../../../core/watch/see-key.ts';
import { watchedAssets, type WatchedKey } from '../../../core/watch/watched.ts';

const NOW = new Date('2026-11-21T10:00:00Z');
const RECIPIENTS = ['age1zwlyl6h27gzv0lfntr7fcqrjrzqazap8sy5zylkxwneh7llf0dksu37mwt'];
const ID = recipientsId(RECIPIENTS);
const schedule = { cron: '0 1 * * ? *', timeZone: 'UTC', longestRun: 'PT15M' };
const asset = KeyAsset.parse({
  id: 'key',
  kind: 'key',
  objectives: { rpo: 'PT26H', rto: 'PT1H' },
  source: { secret: 'k' },
  escrow: { schedule, offline: { recipients: RECIPIENTS, proofValid: 'P12M' } },
});
const [watched] = watchedAssets([asset], 'vault') as WatchedKey[];
const FILES = ['envelope', 'version-v1.json', 'current-20261120T000000Z-abcdef.json', `offline-${ID}.age`, `offline-${ID}.json`];
const READ_BACK = 'readback-20261120T000000Z-abcdef.json';
const fingerprint = 'ab'.repeat(32);

const unasked = () => {
  throw new Error('A watcher does not ask this');
};

function readerOf(files: readonly string[]): ObjectReader {
  const keys = files.map((file) => `shop/key/${fingerprint}/${file}`).toSorted();
  const body = Buffer.from(
    JSON.stringify({
      format: 'holdfast/escrow-fact/v1',
      kind: 'readback',
      system: 'shop',
      key: 'key',
      fingerprint,
      id: 'x',
      at: '2026-11-20T00:00:00.000Z',
      region: 'r',
      regionFingerprint: fingerprint,
      envelopeVersionId: 'v',
    }),
  );
  return {
    bucket: 'listed',
    get: ({ key }) => Promise.resolve(keys.includes(key) ? { body, versionId: 'v' } : undefined),
    async *listVersions(prefix): AsyncIterable<ListedVersion> {
      for (const key of keys)
        if (key.startsWith(prefix)) yield { key, versionId: 'v', sizeBytes: 1, lastModified: NOW, isLatest: true, isDeleteMarker: false };
    },
    async *listFolders(prefix) {
      yield `${prefix}${fingerprint}/`;
    },
    head: unasked,
    read: unasked,
    list: unasked,
  };
}

describe('a watcher sees of the offline copy of a key what there is', () => {
  it.each([
    ['that it was proven', ['offline-proof-20260901T000000Z-abcdef.json'], []],
    ['that nobody proved it', [], ['never-proven-offline']],
    [
      'that the newest proof failed',
      ['offline-proof-20260901T000000Z-abcdef.json', 'offline-failed-20261101T000000Z-abcdef.json'],
      ['offline-failed'],
    ],
    ['that the proof is too old', ['offline-proof-20250901T000000Z-abcdef.json'], ['offline-proof-too-old']],
    [
      'that the newest proof of a lost value failed',
      ['lost-20261121T000000Z-abcdef.json', 'offline-proof-20260901T000000Z-abcdef.json', 'offline-failed-20261101T000000Z-abcdef.json'],
      ['offline-failed'],
    ],
  ])('%s', async (_, more, codes) => {
    const files = [...FILES, READ_BACK, ...more].toSorted();
    const seen = await seeKey({ reader: readerOf(files), system: 'shop', side: 'vault' }, watched!, NOW);
    const whole = readKeyStates(
      files.map((file) => `shop/key/${fingerprint}/${file}`),
      'shop',
      'key',
      NOW,
    );
    expect(seen.states).toEqual([...whole.values()].map((state) => ({ ...state, secretVersions: [] })));
    const versions = seen.states.map((state) => ({ place: 'vault' as const, state }));
    const summary = { key: 'key', current: fingerprint, readBacks: [], proofs: [], versions };
    expect(judgeOffline(asset, summary, ['vault'], { vault: 'home', replica: 'replica' }, NOW).map(({ code }) => code)).toEqual(codes);
  });
});

describe('what is dated ahead, or of no instant at all, changes nothing of what a watcher says', () => {
  const says = async (files: readonly string[]) => {
    const seen = await seeKey({ reader: readerOf(files), system: 'shop', side: 'vault' }, watched!, NOW);
    return { ...seen, findings: decideWatch({ side: 'vault', assets: [watched!], seen: { key: seen } }, NOW).findings };
  };
  it.each(['current', 'readback', 'lost', 'unguarded', 'offline-proof', 'offline-failed'])('%s', async (kind) => {
    const files = [...FILES, READ_BACK];
    const said = await says(files);
    for (const run of ['20261131T000000Z-aaaaaa', '20261121T999999Z-aaaaaa', '99999999T999999Z-aaaaaa', '20261130T000000Z-aaaaaa'])
      expect(await says([...files, `${kind}-${run}.json`])).toEqual(said);
    // Nothing else of it was written of late: all of the years are looked at.
    const old = files.map((file) => file.replace('20261120', '20260320'));
    const saidOfOld = await says(old);
    expect(saidOfOld).not.toEqual(said);
    expect(await says([...old, `${kind}-99999999T999999Z-aaaaaa.json`, `${kind}-20261130T000000Z-aaaaaa.json`])).toEqual(saidOfOld);
  });
});

it('a rotation that went around the guard is told by the watcher for a week', async () => {
  const files = [...FILES, READ_BACK, 'unguarded-20261120T000000Z-fedcba.json'].toSorted();
  const seen = await seeKey({ reader: readerOf(files), system: 'shop', side: 'vault' }, watched!, NOW);
  const codesAt = (at: Date) =>
    decideWatch({ side: 'vault', assets: [watched!], seen: { key: seen } }, at).findings.flatMap((one) =>
      one.kind === 'objective-broken' ? one.code : [],
    );
  expect(codesAt(NOW)).toContain('rotation-unguarded');
  expect(codesAt(new Date('2026-11-27T00:00:01Z'))).not.toContain('rotation-unguarded');
});
