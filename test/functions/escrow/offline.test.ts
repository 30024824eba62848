/** Offline files: made with the escrow of a value, in both regions, locked, and opened by stock age with nothing else there. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { readOfflineFiles, type OfflineFile } from '../../../adapters/escrow/offline/read-offline.ts';
import { combineShares, splitNewIdentity } from '../../../adapters/escrow/offline/secret-sharing.ts';
import { writeMedium } from '../../../cli/escrow/write-medium.ts';
import { packRecipients } from '../../../core/escrow/offline/contract.ts';
import { identityFile } from '../../../core/escrow/offline/identity.ts';
import { joinShares } from '../../../core/escrow/offline/join-shares.ts';
import { MediumList } from '../../../core/escrow/offline/medium.ts';
import { recipientsId } from '../../../core/escrow/offline/recipients.ts';
import { offlineFileKey } from '../../../core/vault/keys.ts';
import { escrowVersion } from '../../../functions/escrow/escrow-version.ts';
import { hasProgram } from '../../helpers/program.ts';
import { AFTER_ALL_RUNS, HOME, makeEscrowWorld, REPLICA, type EscrowWorld } from './escrow-world.ts';

const run = '20261121T020000Z-abc123';
const KEY = 'wallet-key';
const VALUES = { text: randomBytes(32).toString('hex'), binary: randomBytes(4096), longest: randomBytes(32_768).toString('hex') };

let world: EscrowWorld;
let place: string;
let recipient: string;
let identity: string;
const fingerprints: Record<string, string> = {};

beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), 'offline-'));
  world = await makeEscrowWorld(inject('emulator'));
  const ceremony = await splitNewIdentity(3, 2);
  ({ recipient } = ceremony);
  const { secret } = await joinShares(ceremony.shares.slice(1), combineShares);
  identity = join(place, 'identity.txt');
  writeFileSync(identity, identityFile(secret, ceremony.ceremony), { mode: 0o600 });
  world.keys[KEY] = { secret: `${world.system}/wallet` };
  for (const [name, value] of Object.entries(VALUES)) {
    const secretVersion = await world.putSecret('wallet', value);
    fingerprints[name] = (await escrowVersion({ key: KEY, secretVersion, run }, ports([recipient]))).fingerprint;
  }
});
afterAll(() => rmSync(place, { recursive: true, force: true }));

const ports = (recipients: string[]) => ({ ...world.escrowPorts(), offline: packRecipients([{ id: KEY, recipients }]) });
const fileOf = async (region: string, fingerprint: string, recipients: string[]) =>
  world.bucket(region).reader.get({ key: offlineFileKey(world.system, KEY, fingerprint, recipientsId(recipients)) });
const found = async (region: string): Promise<OfflineFile[]> =>
  (await readOfflineFiles(world.bucket(region).reader, world.system, KEY, AFTER_ALL_RUNS)).files;
const open = (file: string) => execFileSync('age', ['-d', '-i', identity, file], { maxBuffer: 1 << 20 });

describe.skipIf(!hasProgram('age'))('an offline file', () => {
  it.each(Object.keys(VALUES))('of a value that is %s stands in both regions as the same bytes, which age opens', async (name) => {
    const [home, replica] = await Promise.all([HOME, REPLICA].map((region) => fileOf(region, fingerprints[name] ?? '', [recipient])));
    expect(Buffer.from(home!.body).equals(Buffer.from(replica!.body))).toBe(true);
    const file = join(place, `${name}.age`);
    writeFileSync(file, home!.body);
    expect(open(file).equals(Buffer.from(VALUES[name as keyof typeof VALUES]))).toBe(true);
  });

  it('is locked from its first second, and made once', async () => {
    const key = offlineFileKey(world.system, KEY, fingerprints['text'] ?? '', recipientsId([recipient]));
    for (const region of [HOME, REPLICA]) {
      const head = await world.bucket(region).reader.head({ key });
      expect(head).toMatchObject({ lockMode: 'compliance' });
    }
    const secretVersion = await world.putSecret('wallet', VALUES.text);
    await Promise.all(Array.from({ length: 4 }, () => escrowVersion({ key: KEY, secretVersion, run }, ports([recipient]))));
    for (const region of [HOME, REPLICA]) expect(await Array.fromAsync(world.bucket(region).reader.listVersions(key))).toHaveLength(1);
  });

  it('is made anew for other recipients, and the earlier one stays', async () => {
    const other = (await splitNewIdentity(2, 2)).recipient;
    const secretVersion = await world.putSecret('wallet', VALUES.text);
    await escrowVersion({ key: KEY, secretVersion, run: '20261122T020000Z-abc123' }, ports([other, recipient]));
    const ofText = (await found(REPLICA)).filter(({ fact }) => fact.fingerprint === fingerprints['text']);
    expect(new Set(ofText.map(({ fact }) => fact.recipients.length))).toEqual(new Set([1, 2]));
    expect(ofText.every(({ isCurrent }) => isCurrent)).toBe(true);
  });

  it('is exported with a list, a sheet and checksums that sha256sum takes', async () => {
    const medium = join(place, 'medium');
    const files = await found(HOME);
    const about = { system: world.system, exportedAt: '2026-11-21T02:00:00.000Z', from: 's3://escrow' };
    const list = await writeMedium(medium, about, files, new AbortController().signal);
    expect(list).toEqual(MediumList.parse(JSON.parse(readFileSync(join(medium, 'offline.json'), 'utf8'))));
    expect(list.files).toHaveLength(4);
    expect(execFileSync('sha256sum', ['-c', 'SHA256SUMS'], { cwd: medium }).toString().match(/: OK/g)).toHaveLength(7);
    const sheet = readFileSync(join(medium, 'sheet.html'), 'utf8');
    for (const { file, fingerprint } of list.files) {
      expect(sheet).toContain(file);
      const value = open(join(medium, file));
      expect(Object.entries(fingerprints).find(([, one]) => one === fingerprint)?.[0]).toBeDefined();
      expect(value.length).toBeGreaterThan(0);
    }
  });
});
