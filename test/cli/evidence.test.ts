/** `holdfast evidence …` on a vault in the emulator, and on copies of it. */
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createHash, generateKeyPairSync } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateAliasCommand, CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clientConfig } from '../../adapters/aws/settings.ts';
import { kmsSigner } from '../../adapters/kms/sign.ts';
import { keyAlias } from '../../core/names.ts';
import { chainKey, evidenceKey, factKey, manifestKey, pointPrefix, signatureKey } from '../../core/vault/keys.ts';
import { signObjects } from '../../functions/evidence/sign-objects.ts';
import { recordPoint } from '../../functions/record/record-point.ts';
import { rootSettings } from '../helpers/servers.ts';
import { emulatorEnvironment, holdfast, holdfastHere } from './run-holdfast.ts';
import { addFact, commitPoint, HOME, makeWorld, type World } from './world.ts';

const [FIRST, SECOND] = ['20261101T020000Z', '20261102T020000Z'] as const;
const RUN = '20261101T020200Z-3fa9c1';

let world: World;
let directory: string;
let environment: Record<string, string>;
const at = (name: string) => join(directory, name);

const live = (...words: string[]) => holdfastHere([...words, '--plan', world.plan], { environment, directory });
/** No credentials, no endpoint: a network is of no use to it. */
const offline = (...words: string[]) => holdfastHere(words, { environment: {}, directory });
const json = ({ stdout }: { stdout: string }) => JSON.parse(stdout) as unknown;
type Checked = { problems: { kind: string }[] };

beforeAll(async () => {
  world = await makeWorld();
  directory = mkdtempSync(join(tmpdir(), 'holdfast-cli-evidence-'));
  environment = emulatorEnvironment();
  for (const [name, value] of Object.entries(environment)) process.env[name] = value;
  const kms = new KMSClient(clientConfig(rootSettings(HOME)));
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' }));
  const alias = keyAlias(world.system, 'evidence');
  await kms.send(new CreateAliasCommand({ AliasName: alias, TargetKeyId: KeyMetadata?.KeyId }));
  const vault = { ...world.vault.reader, ...world.vault.writer };
  const ports = { vault, now: () => new Date(), publish: () => undefined, longestRuns: {} };
  const signer = kmsSigner(alias, rootSettings(HOME));
  for (const point of [FIRST, SECOND]) {
    await commitPoint(world, point, { archive: Buffer.from(`archive of ${point}`), version: '18.4' });
    await addFact(world, point, RUN, { kind: 'verified', at: '2026-11-01T02:02:30.000Z', bytesRead: 1, rows: [], largeObjects: 0 });
    const { sign } = await recordPoint({ system: world.system, asset: 'postgres', slot: point, point, claim: 1, run: RUN }, ports);
    await signObjects({ keys: sign }, { system: world.system, vault, signer, now: ports.now });
  }
});
afterAll(() => {
  world.remove();
  rmSync(directory, { recursive: true, force: true });
});

test('the public key is written once, with its SHA-256, and a region without one is told', async () => {
  const { code, stdout, stderr } = await live('evidence', 'key', '--out', 'key.pem');
  expect(code).toBe(0);
  expect(stderr).toMatch(/No key of eu-west-1/);
  const pem = readFileSync(at('key.pem'), 'utf8');
  const sha256 = /SHA-256 ([0-9a-f]{64})/.exec(pem)?.[1];
  expect(stdout).toContain(sha256);
  expect(pem).toMatch(/BEGIN PUBLIC KEY/);
  expect((await live('evidence', 'key', '--out', 'key.pem')).code).toBe(64);
  expect(json(await live('evidence', 'key', '--output', 'json'))).toMatchObject({ keys: [{ sha256 }] });
  // What the signer keeps in the vault for the day on which KMS is gone is the same.
  const kept = await world.vault.reader.get({ key: `evidence/${world.system}/keys/${sha256}.pem` });
  expect(pem).toContain(Buffer.from(kept!.body).toString().trim());
});

test('the deployed vault is checked by the keys of KMS, every byte when it is asked for', async () => {
  const { code, stdout } = await live('evidence', 'verify', '--data');
  expect([code, stdout]).toEqual([0, expect.stringMatching(/postgres +2 +0 +2 +2 /)]);
  const checked = json(await live('evidence', 'verify', '--output', 'json'));
  expect(checked).toMatchObject({ status: 'whole', problems: [], publicKeys: [{ source: 'KMS' }] });
  // The second region of this system was never deployed, as one that is lost gives no key either.
  const missing = expect.stringMatching(
    /^KMS gave no public key of eu-west-1: what was signed there is vouched for by nothing here/,
  ) as string;
  expect(checked).toMatchObject({ notes: [missing], missingKeys: [{ region: 'eu-west-1' }] });
});

test('a download is checked without a network, as a child process with nothing but the files', async () => {
  expect((await live('evidence', 'download', 'copy')).code).toBe(0);
  expect(existsSync(at(`copy/objects/data`))).toBe(false);
  expect((await live('evidence', 'download', 'copy')).code).toBe(64);
  const { code, stdout, stderr } = await holdfast(['evidence', 'verify', 'copy', '--public-key', 'key.pem'], { directory });
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/postgres +2 +0 +2 +2 /);
  expect((await live('evidence', 'download', 'copy-with-data', '--data')).code).toBe(0);
  const read = await offline('evidence', 'verify', 'copy-with-data', '--public-key', 'key.pem', '--data');
  expect([read.code, read.stderr]).toEqual([0, '']);
});

test('what is changed in a copy is damage, and what is gone from its end is found by an earlier answer', async () => {
  await live('evidence', 'download', 'changed', '--quiet');
  const manifest = at(`changed/objects/${manifestKey(world.system, 'postgres', FIRST)}`);
  const before = readFileSync(manifest, 'utf8');
  writeFileSync(manifest, before.replace('"sizeBytes":9000000', '"sizeBytes":9000001'));
  const text = await offline('evidence', 'verify', 'changed', '--public-key', 'key.pem');
  expect([text.code, text.stdout]).toEqual([30, expect.stringMatching(/record-differs [^]*signature-invalid [^]*damaged /)]);
  const data = json(await offline('evidence', 'verify', 'changed', '--public-key', 'key.pem', '--output', 'json')) as Checked;
  expect(data).toMatchObject({ status: 'damaged' });
  expect(data.problems.map(({ kind }) => kind).toSorted()).toEqual(['record-differs', 'signature-invalid']);
  writeFileSync(manifest, before);
  const whole = await offline('evidence', 'verify', 'changed', '--public-key', 'key.pem', '--output', 'json');
  const earlier = json(whole) as { heads: { link: number }[] };
  writeFileSync(at('checked.json'), JSON.stringify({ heads: earlier.heads.map((head) => ({ ...head, link: head.link + 1 })) }));
  const cut = await offline('evidence', 'verify', 'changed', '--public-key', 'key.pem', '--earlier', 'checked.json');
  expect([cut.code, cut.stdout]).toEqual([30, expect.stringMatching(/chain-shortened/)]);
});

test('a signature that is gone is not vouched for, which is another exit code than damage', async () => {
  const { stdout } = await live('evidence', 'download', 'unsigned', '--output', 'json', '--quiet');
  expect((json({ stdout }) as { files: number }).files).toBeGreaterThan(8);
  const index = at('unsigned/index.json');
  const entries = JSON.parse(readFileSync(index, 'utf8')) as { key: string }[];
  writeFileSync(index, JSON.stringify(entries.filter(({ key }) => !key.endsWith(`${SECOND}/manifest.dsse.json`))));
  const found = await offline('evidence', 'verify', 'unsigned', '--public-key', 'key.pem');
  expect([found.code, found.stdout]).toEqual([1, expect.stringMatching(/signature-missing .*20261102T020000Z\/manifest.json/)]);
});

test('nothing that the list of a download names may be absent: a manifest, a point, a fact, a link, evidence, claims, the list itself', async () => {
  // Evidence that nothing else names.
  const audit = `evidence/${world.system}/2026/audit-${RUN}.json`;
  await world.vault.writer.putOnce(audit, JSON.stringify({ format: 'holdfast/audit/v1', kind: 'audit', system: world.system }));
  await world.vault.writer.putOnce(`runs/${world.system}/postgres/${FIRST}/000000001.json`, '{}');
  await live('evidence', 'download', 'full', '--quiet');
  await live('evidence', 'download', 'full-with-data', '--data', '--quiet');
  const of = pointPrefix(world.system, 'postgres', FIRST);
  const verifyWithout = async (from: string, ...gone: string[]) => {
    rmSync(at('thin'), { recursive: true, force: true });
    cpSync(at(from), at('thin'), { recursive: true });
    for (const name of gone) rmSync(at(`thin/${name}`), { recursive: true });
    const { code, stdout, stderr } = await offline('evidence', 'verify', 'thin', '--public-key', 'key.pem', '--output', 'json');
    return { code, stderr, found: code === 64 ? [] : (json({ stdout }) as { problems: { kind: string; key: string }[] }).problems };
  };
  const manifest = manifestKey(world.system, 'postgres', FIRST);
  for (const [gone, kind, key] of [
    [manifest, 'point-missing', manifest],
    [of, 'point-missing', manifest],
    ['catalog', 'point-missing', manifest],
    [
      factKey(world.system, 'postgres', FIRST, 'verified', RUN),
      'record-missing',
      factKey(world.system, 'postgres', FIRST, 'verified', RUN),
    ],
    [signatureKey(manifest), 'record-missing', signatureKey(manifest)],
    [chainKey(world.system, 'postgres', 2), 'record-missing', chainKey(world.system, 'postgres', 2)],
    ['chain', 'record-missing', chainKey(world.system, 'postgres', 1)],
    [audit, 'record-missing', audit],
    ['evidence', 'record-missing', audit],
    ['runs', 'record-missing', `runs/${world.system}/postgres/${FIRST}/000000001.json`],
    ['', 'record-missing', manifest],
  ] as const) {
    const { code, found } = await verifyWithout('full', `objects/${gone}`);
    expect([gone, code]).toEqual([gone, 30]);
    expect(found, gone).toContainEqual(expect.objectContaining({ kind, key }));
  }
  const { code, found } = await verifyWithout('full-with-data', 'objects/data');
  expect([code, found]).toEqual([30, expect.arrayContaining([expect.objectContaining({ kind: 'object-missing' })])]);
  expect(await verifyWithout('full', 'index.json')).toMatchObject({ code: 64, stderr: expect.stringMatching(/no index.json/) as string });
});

test('a list that somebody edited is found by the chain, and by the files that it left behind', async () => {
  const manifest = manifestKey(world.system, 'postgres', FIRST);
  await live('evidence', 'download', 'edited', '--quiet');
  const entries = JSON.parse(readFileSync(at('edited/index.json'), 'utf8')) as { key: string; file?: string; isDeleteMarker: boolean }[];
  const verifyEdited = async (edited: unknown) => {
    writeFileSync(at('edited/index.json'), JSON.stringify(edited));
    const { code, stdout } = await offline('evidence', 'verify', 'edited', '--public-key', 'key.pem', '--output', 'json');
    return [code, (json({ stdout }) as { problems: { kind: string; key: string }[] }).problems.filter(({ key }) => key === manifest)];
  };
  const kinds = (...names: string[]) => names.map((kind) => expect.objectContaining({ kind }) as object);
  expect(await verifyEdited(entries.filter(({ key }) => key !== manifest))).toEqual([30, kinds('point-missing')]);
  // No file of its own, or a delete marker in its place: the bytes beside it are then nobody's.
  expect(
    await verifyEdited(
      entries.map(({ file, ...one }) => (one.key === manifest ? one : { ...one, ...(file === undefined ? {} : { file }) })),
    ),
  ).toEqual([30, kinds('point-missing')]);
  expect(await verifyEdited(entries.map((one) => (one.key === manifest ? { ...one, isDeleteMarker: true } : one)))).toEqual([
    30,
    kinds('record-hidden', 'point-missing'),
  ]);
  const audit = entries.filter(({ key }) => !key.includes('/audit-'));
  writeFileSync(at('edited/index.json'), JSON.stringify(audit));
  const left = await offline('evidence', 'verify', 'edited', '--public-key', 'key.pem');
  expect([left.code, left.stdout]).toEqual([
    1,
    expect.stringMatching(/record-foreign evidence\/.*audit-.*\n.*its list of versions does not name it/),
  ]);
});

test('a record that is hidden by a delete marker is told, in the vault and in a download', async () => {
  const key = manifestKey(world.system, 'postgres', FIRST);
  const { VersionId } = await world.vault.client.send(new DeleteObjectCommand({ Bucket: world.vault.bucket, Key: key }));
  for (const found of [
    await live('evidence', 'verify'),
    (await live('evidence', 'download', 'hidden'), await offline('evidence', 'verify', 'hidden', '--public-key', 'key.pem')),
  ])
    expect([found.code, found.stdout]).toEqual([30, expect.stringMatching(/record-hidden .*20261101T020000Z\/manifest.json/)]);
  await world.vault.client.send(new DeleteObjectCommand({ Bucket: world.vault.bucket, Key: key, VersionId }));
});

test('by a key that did not sign, nothing is called forged: the key that did is named, in a check and in what is exported', async () => {
  const evidence = evidenceKey(world.system, 'escrow', RUN);
  const vault = { ...world.vault.reader, ...world.vault.writer };
  await vault.putOnce(evidence, JSON.stringify({ format: 'holdfast/other/v1', system: world.system }));
  const signer = kmsSigner(keyAlias(world.system, 'evidence'), rootSettings(HOME));
  await signObjects({ keys: [evidence] }, { system: world.system, vault, signer, now: () => new Date() });
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  writeFileSync(at('other-key.pem'), publicKey.export({ type: 'spki', format: 'pem' }));
  const checked = await live('evidence', 'verify', '--public-key', 'other-key.pem', '--output', 'json');
  const { problems } = json(checked) as Checked;
  expect(checked.code).toBe(1);
  expect(problems.filter(({ kind }) => kind !== 'signature-missing')).toMatchObject([{ kind: 'key-not-given' }]);
  const wanted = ['--since', '2026-01-01', '--until', '2026-12-31', '--kind', 'escrow'];
  const exported = await live('evidence', 'export', 'by-other', ...wanted, '--public-key', 'other-key.pem');
  expect([exported.code, exported.stdout]).toEqual([
    1,
    expect.stringMatching(/1 signature is by a key that the vault keeps and nobody gave/),
  ]);
  const known = await live('evidence', 'export', 'by-kms', ...wanted);
  expect([known.code, known.stdout]).toEqual([0, expect.stringMatching(/KMS gave no public key of eu-west-1/)]);
  expect(readFileSync(at('by-kms/index.html'), 'utf8')).toMatch(/KMS gave no public key of eu-west-1/);
});

test('what was exported is whole without its points, and every file that is altered, gone or added is found', async () => {
  const { system } = world;
  const vault = { ...world.vault.reader, ...world.vault.writer };
  await addFact(world, FIRST, RUN, { kind: 'held', at: '2026-11-01T03:00:00.000Z', hold: 'case-17', reason: 'litigation', by: 'legal' });
  const held = factKey(system, 'postgres', FIRST, 'held', RUN);
  // A restore of a point that the export does not hold, and its undo, which names the record of the restore.
  const [restore, undo] = [evidenceKey(system, 'restore-result', RUN), evidenceKey(system, 'restore-undo', RUN)];
  const common = { system, asset: 'postgres', startedAt: '2026-11-01T02:10:00.000Z' };
  await vault.putOnce(restore, JSON.stringify({ format: 'holdfast/restore-result/v1', ...common, point: '20250101T020000Z' }));
  const followUp = { ...common, action: 'undo', run: RUN, of: RUN, database: 'ida', finishedAt: common.startedAt, notes: [] };
  await vault.putOnce(undo, JSON.stringify({ format: 'holdfast/restore-follow-up/v1', ...followUp }));
  const signer = kmsSigner(keyAlias(system, 'evidence'), rootSettings(HOME));
  await signObjects({ keys: [held, restore, undo] }, { system, vault, signer, now: () => new Date() });
  const period = ['--since', '2026-01-01', '--until', '2026-12-31', '--kind', 'restore-undo'];
  expect((await live('evidence', 'export', 'exported', ...period, '--kind', 'restore-result', '--kind', 'held')).code).toBe(0);
  expect((await live('evidence', 'export', 'undone', ...period)).code).toBe(0);

  const check = async (folder: string, ...words: string[]) => {
    const { code, stdout } = await offline('evidence', 'verify', folder, '--public-key', 'key.pem', '--output', 'json', ...words);
    const { problems, ...rest } = json({ stdout }) as { problems: { kind: string; key: string }[]; notes: string[] };
    return { code, ...rest, found: problems.map(({ kind, key }) => `${kind} ${key}`) };
  };
  const text = await offline('evidence', 'verify', 'exported', '--public-key', 'key.pem');
  expect([text.code, text.stderr]).toEqual([0, '']);
  expect(text.stdout).toMatch(
    /This is an export: [^]*Points[^]* are no part of it[^]*whole .*: 3 signatures and 3 records of evidence checked, no problem/,
  );
  expect(await check('undone')).toMatchObject({
    code: 0,
    of: 'export',
    found: [],
    notes: [
      /export: [^.]*, of the kinds restore-undo alone, as it stood in the vault/,
      /Nobody signs pages and export.json/,
      /1 record that these name/,
    ].map((one) => expect.stringMatching(one) as string),
  });
  expect((await offline('evidence', 'verify', 'exported', '--public-key', 'key.pem', '--data')).code).toBe(64);

  const files = readdirSync(at('exported'), { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.includes('.') && name !== 'export.json',
  );
  expect(files.length).toBeGreaterThan(10);
  for (const file of files) {
    const bytes = readFileSync(at(`exported/${file}`));
    writeFileSync(at(`exported/${file}`), Buffer.concat([bytes.subarray(0, 20), Buffer.from('x'), bytes.subarray(21)]));
    const altered = await check('exported');
    expect([altered.code, altered.found], file).toEqual([30, expect.arrayContaining([`record-differs ${file}`])]);
    rmSync(at(`exported/${file}`));
    expect(await check('exported'), file).toMatchObject({
      code: 30,
      found: expect.arrayContaining([`record-missing ${file}`]) as string[],
    });
    writeFileSync(at(`exported/${file}`), bytes);
  }
  // Taken out with its lines of the list: what another record or its own signature names is missed all the same.
  const thin = (name: string, isGone: (file: string) => boolean) => {
    cpSync(at('exported'), at(name), { recursive: true });
    const known = JSON.parse(readFileSync(at(`${name}/export.json`), 'utf8')) as { files: { file: string }[] };
    for (const { file } of known.files) if (isGone(file)) rmSync(at(`${name}/${file}`));
    writeFileSync(at(`${name}/export.json`), JSON.stringify({ ...known, files: known.files.filter(({ file }) => !isGone(file)) }));
  };
  const isOf = (file: string, record: string) => file.startsWith(record.slice(0, -'.json'.length));
  thin('no-restore', (file) => isOf(file, restore));
  expect(await check('no-restore')).toMatchObject({ code: 30, found: [`record-missing ${restore}`] });
  for (const [name, record] of Object.entries({ 'no-undo': undo, 'no-hold': held })) {
    thin(name, (file) => isOf(file, record) && file !== signatureKey(record));
    expect(await check(name), name).toMatchObject({ code: 30, found: [`record-missing ${record}`] });
  }
  thin('emptied', () => true);
  const nothing = await offline('evidence', 'verify', 'emptied', '--public-key', 'key.pem');
  expect([nothing.code, nothing.stderr]).toEqual([64, expect.stringMatching(/emptied is an export without a record of evidence/)]);
  // A record is held to its signature, whatever the list says of its bytes.
  const list = readFileSync(at('exported/export.json'), 'utf8');
  const forged = readFileSync(at(`exported/${undo}`), 'utf8').replace('"ida"', '"idb"');
  const sum = (body: string) => createHash('sha256').update(body).digest('hex');
  writeFileSync(at('exported/export.json'), list.replace(sum(readFileSync(at(`exported/${undo}`), 'utf8')), sum(forged)));
  writeFileSync(at(`exported/${undo}`), forged);
  expect(await check('exported')).toMatchObject({ code: 30, found: [`signature-invalid ${undo}`] });
  writeFileSync(at('undone/catalog.txt'), 'x');
  expect(await check('undone')).toMatchObject({ code: 1, found: ['record-foreign catalog.txt'] });
});

test('what cannot be met is told with everything that is wrong', async () => {
  const message = async (...words: string[]) => {
    const { code, stderr } = await offline('evidence', 'verify', ...words);
    expect(code).toBe(64);
    return stderr;
  };
  expect(await message('copy', '--from', 'vault')).toMatch(/2 problems[^]*--public-key is missing[^]*--from names a deployed vault/);
  writeFileSync(at('no-key.pem'), 'x');
  expect(await message('copy', '--public-key', 'no-key.pem', '--public-key', 'nowhere.pem')).toMatch(
    /no-key.pem holds no public key[^]*nowhere.pem cannot be read/,
  );
  expect(await message('copy', '--public-key', 'key.pem', '--asset', 'nothing')).toMatch(/there is nothing of an asset 'nothing'/);
  expect(await message('nowhere', '--public-key', 'key.pem')).toMatch(/nowhere is no copy of a vault/);
  expect(await message('copy', '--public-key', 'key.pem', '--earlier', 'key.pem')).toMatch(/--earlier: key.pem is not the JSON/);
});
