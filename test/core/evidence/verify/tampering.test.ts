/** A vault that the pipeline's functions filled, downloaded, and then tampered with in every way that a copy can be. */
import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dsse } from '@sigstore/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { indexedCopy } from '../../../../adapters/directory/indexed-copy.ts';
import { readVersionsIndex } from '../../../../adapters/directory/versions-index.ts';
import { writeCopy } from '../../../../adapters/directory/write-copy.ts';
import { prepareEnvelope, sealEnvelope } from '../../../../core/evidence/envelope.ts';
import { readPublicKeys } from '../../../../core/evidence/public-key.ts';
import { buildStatement, PAYLOAD_TYPE } from '../../../../core/evidence/statement.ts';
import type { VaultCopy } from '../../../../core/evidence/verify/vault-copy.ts';
import { verifyVault, type VerifyRequest } from '../../../../core/evidence/verify/verify-vault.ts';
import { nextLink, sha256Of } from '../../../../core/record/link.ts';
import type { ListedVersion } from '../../../../core/ports/object-store.ts';
import { FACT_FORMAT } from '../../../../core/vault/facts.ts';
import {
  chainKey,
  evidenceKey,
  factKey,
  manifestKey,
  pointDataPrefix,
  pointPrefix,
  publicKeyKey,
  publicKeysPrefix,
  signatureKey,
} from '../../../../core/vault/keys.ts';
import { collect } from '../../../contracts/object-reader.ts';
import { seededRandom } from '../../../helpers/seeded-random.ts';
import { LATER, makeSignedVault, type SignedVault } from '../../../helpers/signed-vault.ts';
import { ASSET } from '../../../functions/vault-world.ts';

const [FIRST, SECOND, EXPIRED, LAST] = ['20261110T020000Z', '20261111T020000Z', '20261112T020000Z', '20261113T020000Z'] as const;
const EVERYTHING = process.env['HOLDFAST_SOAK'] === '1';
/** Of each object, in a run that is no soak. */
const BYTES_OF_EACH = 6;

let world: SignedVault;
let directory: string;
/** The untouched copy, in memory. */
let versions: ListedVersion[];
let bodies: Map<string, Uint8Array>;

/** `undefined` takes the object away. */
type Changes = ReadonlyMap<string, Uint8Array | undefined>;

function changed(changes: Changes): VaultCopy {
  const body = (key: string) => (changes.has(key) ? changes.get(key) : bodies.get(key));
  const added = [...changes].filter(([key, bytes]) => bytes && !bodies.has(key));
  const listed = [
    ...versions
      .filter(({ key }) => !changes.has(key) || changes.get(key))
      .map((one) => ({ ...one, sizeBytes: body(one.key)?.length ?? one.sizeBytes })),
    ...added.map(([key, bytes]) => ({ ...versions[0]!, key, sizeBytes: bytes?.length ?? 0, versionId: 'added' })),
  ].toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  return {
    where: 'a copy',
    hasVersions: true,
    reader: {
      get: ({ key }) => Promise.resolve(body(key) && { body: body(key)!, versionId: '' }),
      async *read({ key }) {
        yield await Promise.resolve(body(key)!);
      },
      async *listVersions(prefix) {
        for (const one of listed) if (one.key.startsWith(prefix)) yield await Promise.resolve(one);
      },
      async *listFolders(prefix) {
        const names = listed.filter(({ key }) => key.startsWith(prefix)).map(({ key }) => key.slice(prefix.length).split('/')[0]);
        yield* new Set(names.map((name) => `${prefix}${name}/`));
      },
    },
  };
}

const verify = (changes: Changes = new Map(), over: Partial<VerifyRequest> = {}) =>
  verifyVault({
    copy: changed(changes),
    system: world.system,
    publicKeys: world.publicKeys,
    asset: undefined,
    known: [],
    readsBytes: false,
    earlier: [],
    now: LATER,
    onProgress: () => undefined,
    signal: new AbortController().signal,
    ...over,
  });
const kindsOf = async (changes: Changes, over: Partial<VerifyRequest> = {}) =>
  (await verify(changes, over)).problems.map(({ kind }) => kind);
const otherKey = () =>
  readPublicKeys(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'pem' }).toString())!;
/** Whoever may write to a copy can put a key of his own beside those that sign, and sign with it. */
function plantKey() {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const [{ pem, sha256 } = expect.unreachable('a key was made')] = readPublicKeys(
    publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  )!;
  const key = publicKeyKey(world.system, sha256);
  const forge = (signed: string, body: Uint8Array): [string, Uint8Array][] => {
    const { payload } = prepareEnvelope(buildStatement(world.system, signed, body, LATER));
    const signature = sign('sha256', dsse.preAuthEncoding(PAYLOAD_TYPE, Buffer.from(payload)), privateKey);
    return [
      [signed, body],
      [signatureKey(signed), Buffer.from(JSON.stringify(sealEnvelope(payload, 'key', signature)))],
    ];
  };
  return { key, planted: [key, Buffer.from(pem)] as [string, Uint8Array], forge };
}
const keptKey = () => publicKeyKey(world.system, world.publicKeys[0]!.sha256);
const link = (n: number) => chainKey(world.system, ASSET, n);
const linkBody = (n: number) => bodies.get(link(n))!;
const below = (...prefixes: string[]) => [...bodies.keys()].filter((key) => prefixes.some((prefix) => key.startsWith(prefix)));
const without = (...keys: string[]): Changes => new Map(keys.map((key) => [key, undefined]));
const records = () => [...bodies.keys()].filter((key) => !key.startsWith('data/'));

beforeAll(async () => {
  world = await makeSignedVault();
  for (const [index, point] of [FIRST, SECOND, EXPIRED, LAST].entries())
    await world.makePoint(point, `2026111${index}T020100Z-00000${index}`, [Buffer.from(`dump of ${point}`), Buffer.from('more')]);
  await world.drillPoint(FIRST, '20261114T020000Z-dddddd');
  await world.expirePoint(EXPIRED, '20261115T020000Z-eeeeee');
  directory = mkdtempSync(join(tmpdir(), 'holdfast-evidence-'));
  const copy = join(directory, 'copy');
  const prefixes = ['catalog/', 'chain/', 'data/', 'evidence/'];
  const { signal } = new AbortController();
  await writeCopy({ reader: world.vault, directory: copy, prefixes, isWanted: () => true, onStored: () => undefined, signal });
  const reader = indexedCopy(copy, readVersionsIndex(copy)!);
  versions = await collect(reader.listVersions(''));
  bodies = new Map(await Promise.all(versions.map(async ({ key }) => [key, (await reader.get({ key }))!.body] as const)));
}, 120_000);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('a vault that nobody touched', () => {
  it('is whole, and every point, link, record and signature is counted', async () => {
    const { verdict, problems, notes, assets, evidence, signatures } = await verify(new Map(), { readsBytes: true });
    expect({ verdict, problems, notes }).toEqual({ verdict: 'whole', problems: [], notes: [] });
    expect(assets).toMatchObject([{ asset: ASSET, points: 3, expired: 1, objects: 6, links: 4 }]);
    expect(evidence).toBe(3);
    // Manifests of three points, four links, the fact of the drill, three records of evidence.
    expect(signatures).toBe(11);
  });

  it('is whole in the replica as well, where the expired point still stands', async () => {
    const copy = { where: 'the replica', reader: world.replica, hasVersions: true };
    const { problems, assets } = await verify(new Map(), { copy, readsBytes: true });
    expect(problems).toEqual([]);
    expect(assets).toMatchObject([{ points: 4, expired: 0, objects: 8, links: 4 }]);
  });

  it('is not vouched for by another key, and nothing of it is called forged: the key that signed is named, once', async () => {
    const found = await verify(new Map(), { publicKeys: otherKey() });
    expect(found).toMatchObject({ verdict: 'unvouched', notes: [], signatures: 0 });
    // A point that is gone is told by its name as well: whoever made the key could have made the tombstone.
    const [tombstone] = below(`${pointPrefix(world.system, ASSET, EXPIRED)}tombstone-`);
    expect(found.problems).toEqual([
      { kind: 'expiry-unvouched', key: tombstone, text: expect.stringMatching(/only a key that was not given vouches for it/) },
      expect.objectContaining({
        kind: 'key-not-given',
        key: keptKey(),
        text: expect.stringMatching(/^11 signatures were made by this key/),
      }),
    ]);
  });

  it('is damaged by another key where something is: what was altered was made by none of them', async () => {
    const key = manifestKey(world.system, ASSET, FIRST);
    const altered = Buffer.from(Buffer.from(bodies.get(key)!).toString().replace('"format"', '"Format"'));
    const { verdict, problems } = await verify(new Map([[key, altered]]), { publicKeys: otherKey() });
    expect(verdict).toBe('damaged');
    expect(problems).toContainEqual(expect.objectContaining({ kind: 'signature-invalid', key }));
  });

  it('is forged by another key where the vault does not keep the one that signed', async () => {
    const { verdict, problems } = await verify(without(keptKey()), { publicKeys: otherKey() });
    expect(verdict).toBe('damaged');
    expect(problems.filter(({ kind }) => kind === 'signature-invalid')).toHaveLength(11);
  });

  it('names what a planted key signed, and the facts without a signature that its evidence alone speaks for', async () => {
    const { key, planted, forge } = plantKey();
    const id = '20261201T020000Z-abcdef';
    const common = { system: world.system, asset: ASSET };
    const fact = { format: FACT_FORMAT, kind: 'released', ...common, point: FIRST, id, at: '2026-12-01T02:00:00.000Z' };
    const body = Buffer.from(JSON.stringify({ ...fact, hold: 'case-17', reason: 'over', by: 'nobody' }));
    const facts = [FIRST, SECOND].map((point) => [
      factKey(world.system, ASSET, point, 'released', id),
      Buffer.from(body.toString().replace(FIRST, point)),
    ]) as [string, Uint8Array][];
    const evidence = evidenceKey(world.system, 'expiry', id);
    const named = facts.map(([record, bytes]) => ({ key: record, sha256: sha256Of(bytes) }));
    const record = Buffer.from(JSON.stringify({ format: 'holdfast/expiry-evidence/v1', ...common, run: id, records: named }));
    const { verdict, problems } = await verify(new Map([planted, ...facts, ...forge(evidence, record)]));
    const keys = facts.map(([one]) => one);
    const all = [evidence, ...keys];
    expect({ verdict, problems }).toMatchObject({ verdict: 'unvouched', problems: [{ kind: 'key-not-given', key, records: all }] });
    for (const one of [`They are of ${evidence}`, `2 records have no signature and stand by the word of these alone: ${keys.join(', ')}`])
      expect(problems[0]?.text).toContain(one);
  });

  it('tells of a key that somebody put beside those that sign', async () => {
    const [{ pem, sha256 } = expect.unreachable('a key was made')] = otherKey();
    const key = publicKeyKey(world.system, sha256);
    const { verdict, notes } = await verify(new Map([[key, Buffer.from(pem)]]));
    expect({ verdict, notes }).toEqual({
      verdict: 'whole',
      notes: [`The vault holds a public key that was not given, and nothing signed by it counts: ${key}`],
    });
  });
});

it('every byte that is flipped in a record is found, and named by its key or by what contradicts it', async () => {
  const random = seededRandom('tampering');
  const missed: string[] = [];
  let flipped = 0;
  for (const key of records()) {
    const body = bodies.get(key)!;
    const places = EVERYTHING ? body.keys() : Array.from({ length: BYTES_OF_EACH }, () => random.below(body.length));
    for (const at of places) {
      const bytes = Buffer.from(body);
      bytes[at]! ^= 1 << random.below(8);
      flipped++;
      if ((await kindsOf(new Map([[key, bytes]]))).length === 0) missed.push(`${key} byte ${at}`);
    }
  }
  process.stdout.write(`tampering: ${flipped} bytes of ${records().length} records flipped, ${missed.length} not found\n`);
  expect(missed).toEqual([]);
}, 900_000);

describe('a record that is taken away', () => {
  it('is missed, but for what a later link or signed evidence vouches for', async () => {
    const found: Record<string, boolean> = {};
    for (const key of records()) found[key] = (await kindsOf(without(key))).length > 0;
    const notMissed = Object.keys(found).filter((key) => !found[key]);
    // The verdict on a drill repeats its fact and its result; a link is in the hash of the next; the key is handed over anyway.
    const vouchedForTwice = [
      ...below(pointPrefix(world.system, ASSET, FIRST)).filter((key) => /drilled-.*dsse/.test(key)),
      ...[1, 2, 3].map((n) => signatureKey(link(n))),
      ...below('evidence/').filter((key) => /drill-result-.*dsse/.test(key)),
      ...below(publicKeysPrefix(world.system)),
    ];
    expect(notMissed).toEqual(vouchedForTwice);
  });

  it('is missed together with its signature', async () => {
    for (const key of records().filter((one) => bodies.has(signatureKey(one)) && signatureKey(one) !== one))
      expect(await kindsOf(without(key, signatureKey(key))), key).not.toEqual([]);
  });

  it('is missed when it is a tombstone with all that vouches for it: the point is then one that was taken away', async () => {
    const gone = [...below(pointPrefix(world.system, ASSET, EXPIRED)), ...below('evidence/').filter((key) => key.includes('expiry'))];
    expect(await kindsOf(without(...gone))).toEqual(['point-missing']);
  });
});

describe('a chain that was', () => {
  it('cut at its end is told by the point that has no link', async () => {
    expect(await kindsOf(without(link(4), signatureKey(link(4))))).toEqual(['point-unlinked']);
  });

  it('cut at its end together with the point is told by an earlier check', async () => {
    const earlier = (await verify()).assets.flatMap(({ head }) => (head ? [head] : []));
    const prefixes = [pointPrefix(world.system, ASSET, LAST), pointDataPrefix(world.system, ASSET, LAST)];
    const gone = without(link(4), signatureKey(link(4)), ...below(...prefixes));
    expect(await kindsOf(gone)).toEqual([]);
    expect(await kindsOf(gone, { earlier })).toEqual(['chain-shortened']);
    expect(await kindsOf(new Map(), { earlier })).toEqual([]);
  });

  it('reordered is found', async () => {
    const swapped = new Map([
      [link(2), linkBody(3)],
      [link(3), linkBody(2)],
    ]);
    expect(await kindsOf(swapped)).toEqual(expect.arrayContaining(['record-unreadable', 'signature-invalid']));
  });

  it('forked is found: links written anew from the second on, each following from the one before it', async () => {
    const forged = new Map<string, Uint8Array | undefined>();
    let last = { link: 1, body: linkBody(1) };
    for (const point of [SECOND, EXPIRED, LAST]) {
      const manifest = bodies.get(manifestKey(world.system, ASSET, point)) ?? Buffer.from('{}');
      const target = { system: world.system, asset: ASSET, point, manifestSha256: sha256Of(manifest), records: [] };
      const body = Buffer.from(JSON.stringify(nextLink(last, target)));
      last = { link: last.link + 1, body };
      forged.set(link(last.link), body);
    }
    const earlier = (await verify()).assets.flatMap(({ head }) => (head ? [head] : []));
    expect(await kindsOf(forged)).toContain('signature-invalid');
    // Without the signatures that would contradict it, nothing vouches for the new end; and an earlier check knows another one.
    for (const n of [2, 3, 4]) forged.set(signatureKey(link(n)), undefined);
    expect(await kindsOf(forged)).toContain('signature-missing');
    expect(await kindsOf(forged, { earlier })).toContain('chain-rewritten');
  });

  it('taken away as a whole is found, point by point', async () => {
    const kinds = await kindsOf(without(...below('chain/')));
    expect(kinds.filter((kind) => kind === 'point-unlinked')).toHaveLength(3);
  });
});

describe('what stands elsewhere than it was written', () => {
  it('a manifest of another point, signature and all, is found', async () => {
    const [from, to] = [manifestKey(world.system, ASSET, FIRST), manifestKey(world.system, ASSET, SECOND)];
    const moved = new Map([from, signatureKey(from)].map((key, i) => [[to, signatureKey(to)][i]!, bodies.get(key)]));
    expect(await kindsOf(moved)).toEqual(expect.arrayContaining(['signature-invalid', 'record-differs']));
  });

  it('a planted point, fact, link or record of evidence is found', async () => {
    const body = bodies.get(manifestKey(world.system, ASSET, LAST))!;
    const fact = below(pointPrefix(world.system, ASSET, LAST)).find((key) => key.includes('/verified-'))!;
    for (const key of [
      manifestKey(world.system, ASSET, '20261201T020000Z'),
      fact.replace('20261113T', '20261201T').replace('20261113T', '20261201T'),
      fact.replace(/verified-.*/, 'verified-20261201T020000Z-abcdef.json'),
      fact.replace(/verified-.*/, 'notes.json'),
      link(5),
      `evidence/${world.system}/2026/drill-20261201T020000Z-abcdef.json`,
      `evidence/${world.system}/2026/x.json`,
    ])
      expect(await kindsOf(new Map([[key, body]])), key).not.toEqual([]);
  });
});

describe('objects of a point', () => {
  const objects = () => below(pointDataPrefix(world.system, ASSET, SECOND));

  it('that are gone, longer or changed are found, the last with every byte read', async () => {
    const [key] = objects() as [string];
    const body = Buffer.from(bodies.get(key)!);
    const same = Buffer.from(body);
    same[0]! ^= 1;
    expect(await kindsOf(without(key))).toEqual(['object-missing']);
    expect(await kindsOf(new Map([[key, Buffer.concat([body, Buffer.from('x')])]]))).toEqual(['object-differs']);
    expect(await kindsOf(new Map([[key, same]]))).toEqual([]);
    expect(await kindsOf(new Map([[key, same]]), { readsBytes: true })).toEqual(['object-differs']);
  });

  it('are not missed where nobody copied any, which is said', async () => {
    const { problems, notes } = await verify(without(...below('data/')));
    expect(problems).toEqual([]);
    expect(notes.join()).toMatch(/Objects of points were not looked at/);
  });
});

it('what is younger than a day may not be signed yet, and is said to be so', async () => {
  const manifest = manifestKey(world.system, ASSET, LAST);
  const now = new Date('2026-11-13T12:00:00Z');
  const { problems, notes } = await verify(without(signatureKey(manifest)), { now });
  expect(problems).toEqual([]);
  expect(notes.join()).toMatch(/Nothing vouches yet for 1 record/);
  expect(await kindsOf(without(signatureKey(manifest)))).toEqual(['signature-missing']);
});

describe('a tombstone that nothing vouches for', () => {
  /** The point is taken away, and a file of this id says that it expired: all that whoever can write to a copy can do. */
  const wiped = (point: string, id: string, manifestSha256 = sha256Of(bodies.get(manifestKey(world.system, ASSET, point))!)) => {
    const gone = without(...below(pointPrefix(world.system, ASSET, point), pointDataPrefix(world.system, ASSET, point)));
    const fact = { format: FACT_FORMAT, kind: 'tombstone', system: world.system, asset: ASSET, point, id, at: '2026-12-01T00:00:00.000Z' };
    const body = Buffer.from(JSON.stringify({ ...fact, manifestSha256, reasons: ['no window keeps it'], objects: 2 }));
    return new Map([...gone, [factKey(world.system, ASSET, point, 'tombstone', id), body]]) as Changes;
  };

  it('dated ahead of now is not young: the point is missing, and neither is a record or a point of such a date passed over', async () => {
    const all = [FIRST, SECOND, LAST].flatMap((point) => [...wiped(point, '29991231T000000Z-abcdef')]);
    const kinds = await kindsOf(new Map(all));
    expect(kinds.filter((kind) => kind === 'point-missing')).toHaveLength(3);
    expect(kinds.filter((kind) => kind === 'signature-missing')).toHaveLength(3);
    const ahead = `evidence/${world.system}/2999/drill-29990101T000000Z-abcdef.json`;
    const evidence = Buffer.from(JSON.stringify({ format: 'holdfast/drill/v1', system: world.system }));
    expect(await kindsOf(new Map([[ahead, evidence]]))).toEqual(['signature-missing']);
    const point = '29990101T000000Z';
    const manifest = Buffer.from(
      Buffer.from(bodies.get(manifestKey(world.system, ASSET, LAST))!)
        .toString()
        .replaceAll(LAST, point),
    );
    const planted = new Map([[manifestKey(world.system, ASSET, point), manifest]]);
    expect(await kindsOf(planted)).toEqual(expect.arrayContaining(['signature-missing', 'point-unlinked']));
  });

  it('replaces no point that is gone, when it is older than any run', async () => {
    expect(await kindsOf(wiped(SECOND, '20261201T020000Z-abcdef'))).toEqual(expect.arrayContaining(['point-missing', 'signature-missing']));
  });

  it('may be of a run that is not over, and is never passed for whole', async () => {
    const now = new Date('2026-12-01T12:00:00Z');
    const { verdict, problems } = await verify(wiped(SECOND, '20261201T020000Z-abcdef'), { now });
    expect({ verdict, kinds: problems.map(({ kind }) => kind) }).toEqual({ verdict: 'unvouched', kinds: ['expiry-unvouched'] });
    const other = await verify(wiped(SECOND, '20261201T020000Z-abcdef', 'a'.repeat(64)), { now });
    expect(other.verdict).toBe('damaged');
  });

  it('of a point that is going is told as that, when the run was stopped with the manifest as the last to go', async () => {
    const manifest = manifestKey(world.system, ASSET, SECOND);
    const going = new Map(wiped(SECOND, '20261201T020000Z-abcdef')).set(manifest, bodies.get(manifest));
    const { problems } = await verify(going, { now: new Date('2026-12-01T12:00:00Z') });
    expect(problems.map(({ kind }) => kind)).toEqual(['expiry-unvouched']);
    expect(await kindsOf(going)).toEqual(expect.arrayContaining(['object-missing', 'signature-missing']));
  });

  it('keeps a point that is still there from nothing: its objects are looked for', async () => {
    const [object] = below(pointDataPrefix(world.system, ASSET, SECOND)) as [string];
    const [tombstone] = [...wiped(SECOND, '20261201T020000Z-abcdef')].filter(([, body]) => body);
    expect(await kindsOf(new Map([tombstone!, [object, undefined]]))).toEqual(['signature-missing', 'object-missing']);
  });

  it('signed by a key that somebody planted stands for no point in silence: each is named, and never passed for expired alone', async () => {
    const { key, planted, forge } = plantKey();
    const gone = wiped(SECOND, '20261201T020000Z-abcdef');
    const [[tombstone, body] = expect.unreachable('one is written')] = [...gone].filter(([, bytes]) => bytes);
    const { verdict, problems } = await verify(new Map([...gone, planted, ...forge(tombstone, body!)]));
    expect({ verdict, found: problems.map((one) => `${one.kind} ${one.key}`) }).toEqual({
      verdict: 'unvouched',
      found: [`expiry-unvouched ${tombstone}`, `key-not-given ${key}`],
    });
  });
});
