/** Values exist in memory for as long as they are needed: every buffer that held one is zeros afterwards, and when something failed. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { readOfflineFiles } from '../../../adapters/escrow/offline/read-offline.ts';
import { combineShares, splitNewIdentity } from '../../../adapters/escrow/offline/secret-sharing.ts';
import { listValue, openFirst } from '../../../adapters/escrow/open-envelope.ts';
import { openerOf, proveMedium, type ProofParts } from '../../../cli/escrow/prove-medium.ts';
import { writeMedium } from '../../../cli/escrow/write-medium.ts';
import { KeyNotRecoverable } from '../../../core/escrow/errors.ts';
import { packRecipients } from '../../../core/escrow/offline/contract.ts';
import { joinShares } from '../../../core/escrow/offline/join-shares.ts';
import type { MediumList } from '../../../core/escrow/offline/medium.ts';
import type { EnvelopeOpener, Fingerprinter } from '../../../core/escrow/ports.ts';
import { escrowVersion, type EscrowVersionPorts } from '../../../functions/escrow/escrow-version.ts';
import { readBack, type ReadBackPorts } from '../../../functions/escrow/read-back.ts';
import { AFTER_ALL_RUNS, HOME, makeEscrowWorld, type EscrowWorld } from './escrow-world.ts';
import { keyInSource, runOf } from './key-in-source.ts';

const BROKEN = new Error('broken on purpose');
const broken = () => Promise.reject(BROKEN);

let world: EscrowWorld;
beforeAll(async () => {
  world = await makeEscrowWorld(inject('emulator'));
});

/** Every buffer that a call handed over, none of which was zeros then. */
class Seen {
  readonly #buffers: Uint8Array[] = [];
  note(bytes: Uint8Array): void {
    expect(bytes.some((byte) => byte !== 0)).toBe(true);
    this.#buffers.push(bytes);
  }
  /** @param count so many were handed over */
  expectWiped(count: number): void {
    expect(this.#buffers).toHaveLength(count);
    for (const bytes of this.#buffers) expect(bytes.every((byte) => byte === 0)).toBe(true);
  }
}
const noting = (seen: Seen, fingerprinter: Fingerprinter): Fingerprinter => ({
  fingerprint(message) {
    seen.note(message);
    return fingerprinter.fingerprint(message);
  },
});
const notingOpened = (seen: Seen, opener: EnvelopeOpener): EnvelopeOpener => ({
  async open(...asked) {
    const value = await opener.open(...asked);
    seen.note(value);
    return value;
  },
});

describe('a version that goes into escrow', () => {
  /** A binary secret is handed on as it came; of a text the bytes that are sealed. */
  const portsOf = (seen: Seen, { source, fingerprinter, sealer, ...others }: EscrowVersionPorts): EscrowVersionPorts => ({
    ...others,
    source: {
      ...source,
      async read(...asked) {
        const read = await source.read(...asked);
        if (read.content.kind === 'binary') seen.note(read.content.bytes);
        return read;
      },
    },
    fingerprinter: noting(seen, fingerprinter),
    sealer: {
      seal(value, context) {
        seen.note(value);
        return sealer.seal(value, context);
      },
    },
  });
  const put = async (key: string, value: string | Uint8Array) => {
    world.keys[key] = { secret: `${world.system}/${key}` };
    return { key, secretVersion: await world.putSecret(key, value), run: runOf(1) };
  };

  test.each([
    ['a text', 'wiped-text', randomBytes(32).toString('hex'), 2],
    ['bytes', 'wiped-bytes', new Uint8Array(randomBytes(64)), 3],
  ] as const)('as %s leaves nothing in memory that can be overwritten', async (_, key, value, count) => {
    const seen = new Seen();
    await escrowVersion(await put(key, value), portsOf(seen, world.escrowPorts()));
    seen.expectWiped(count);
  });

  const failures: [string, (ports: EscrowVersionPorts) => EscrowVersionPorts, number][] = [
    ['the fingerprint', (ports) => ({ ...ports, fingerprinter: { fingerprint: broken } }), 2],
    ['sealing', (ports) => ({ ...ports, sealer: { seal: broken } }), 3],
    [
      'the vault',
      (ports) => ({
        ...ports,
        buckets: { ...ports.buckets, home: { ...ports.buckets.home, writer: { ...ports.buckets.home.writer, putOnce: broken } } },
      }),
      3,
    ],
    ['the offline file', (ports) => ({ ...ports, offline: packRecipients([{ id: 'wiped-failure', recipients: ['age1nobody'] }]) }), 3],
  ];
  test.each(failures)('does not when %s fails either', async (_, breaking, count) => {
    const seen = new Seen();
    const version = await put('wiped-failure', new Uint8Array(randomBytes(32)));
    await expect(escrowVersion(version, portsOf(seen, breaking(world.escrowPorts())))).rejects.toThrow();
    seen.expectWiped(count);
  });

  test('does not when its bytes have no field', async () => {
    const seen = new Seen();
    const version = await put('wiped-field', new Uint8Array(randomBytes(32)));
    world.keys['wiped-field'] = { secret: `${world.system}/wiped-field`, field: 'KEY' };
    await expect(escrowVersion(version, portsOf(seen, world.escrowPorts()))).rejects.toMatchObject({ name: 'KeyNotInSecret' });
    seen.expectWiped(1);
  });
});

describe('an envelope that is read back', () => {
  const look = async (key: string, breaking: (ports: ReadBackPorts) => ReadBackPorts = (ports) => ports) => {
    const seen = new Seen();
    const made = await keyInSource(world, key);
    const { fingerprint } = await made.escrow(1);
    const { places, ...ports } = breaking(world.readBackPorts());
    const place = {
      ...places.vault,
      opener: notingOpened(seen, places.vault.opener),
      regionFingerprinter: noting(seen, places.vault.regionFingerprinter),
    };
    const noted = { ...ports, fingerprinter: noting(seen, ports.fingerprinter), places: { ...places, vault: place } };
    return { seen, ended: readBack({ key, fingerprint, run: runOf(2), place: 'vault' }, noted) };
  };

  test('leaves nothing in memory that can be overwritten', async () => {
    const { seen, ended } = await look('wiped-back');
    await ended;
    // The value, and one message, which both fingerprints are taken of.
    seen.expectWiped(3);
  });

  const other: Fingerprinter = { fingerprint: () => Promise.resolve({ fingerprint: 'ab'.repeat(32), keyArn: 'arn' }) };
  const failures: [string, (ports: ReadBackPorts) => ReadBackPorts, object, number][] = [
    ['holds another value', (ports) => ({ ...ports, fingerprinter: other }), { reason: 'value-differs' }, 2],
    ['cannot be compared', (ports) => ({ ...ports, fingerprinter: { fingerprint: broken } }), BROKEN, 2],
    [
      'cannot be compared in its region',
      ({ places, ...ports }) => ({
        ...ports,
        places: { ...places, vault: { ...places.vault, regionFingerprinter: { fingerprint: broken } } },
      }),
      BROKEN,
      3,
    ],
  ];
  test.each(failures)('does not when it %s', async (what, breaking, error, count) => {
    const { seen, ended } = await look(`wiped-${what.replaceAll(' ', '-')}`, breaking);
    await expect(ended).rejects.toMatchObject(error);
    seen.expectWiped(count);
  });
});

test('of several envelopes the values of those that are passed over are wiped, and that of the one that counts is the caller’s', async () => {
  const made = await keyInSource(world, 'wiped-several');
  const { fingerprint } = await made.escrow(1);
  const escrowed = { system: world.system, key: made.key, fingerprint };
  const { reader } = world.bucket(HOME);
  const [first] = (await listValue(reader, escrowed)).filter(({ key }) => key.includes('/envelope-'));
  const { body } = (await reader.get(first!))!;
  await world.bucket(HOME).writer.putOnce(`${first!.key}-${runOf(2)}`, body);
  const { opener } = world.readBackPorts().places.vault;
  const open = async (check: (value: Uint8Array, tried: number) => Promise<void>) => {
    const seen = new Seen();
    let tried = 0;
    const listed = await listValue(reader, escrowed);
    const ended = openFirst(reader, escrowed, notingOpened(seen, opener), { listed, check: (value) => check(value, ++tried) });
    return { seen, ended, tried: () => tried };
  };
  const passedOver = new KeyNotRecoverable('value-differs', 'passed over on purpose');

  const values: Uint8Array[] = [];
  const second = await open(async (value, tried) => {
    values.push(value);
    if (tried === 1) throw passedOver;
  });
  const { value } = await second.ended;
  expect(values).toHaveLength(2);
  expect(values[0]!.every((byte) => byte === 0)).toBe(true);
  expect(value).toBe(values[1]);
  expect(Buffer.from(value).toString()).toBe(made.value);
  value.fill(0);
  second.seen.expectWiped(2);

  const none = await open(() => Promise.reject(passedOver));
  await expect(none.ended).rejects.toBe(passedOver);
  none.seen.expectWiped(2);

  const cut = await open(broken);
  await expect(cut.ended).rejects.toBe(BROKEN);
  expect(cut.tried()).toBe(1);
  cut.seen.expectWiped(1);
});

describe('a medium that is proven', () => {
  const directory = mkdtempSync(join(tmpdir(), 'wiped-'));
  let list: MediumList;
  let secret: Uint8Array;
  beforeAll(async () => {
    const ceremony = await splitNewIdentity(2, 2);
    ({ secret } = await joinShares(ceremony.shares, combineShares));
    const made = await keyInSource(world, 'wiped-offline');
    await made.escrow(1, { ...world.escrowPorts(), offline: packRecipients([{ id: made.key, recipients: [ceremony.recipient] }]) });
    const { files } = await readOfflineFiles(world.bucket(HOME).reader, world.system, made.key, AFTER_ALL_RUNS);
    const about = { system: world.system, exportedAt: '2026-11-20T08:00:00.000Z', from: 's3://escrow' };
    list = await writeMedium(join(directory, 'medium'), about, files, new AbortController().signal);
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  const prove = (compare: ProofParts['compare']) => {
    const seen = new Seen();
    const open = openerOf(secret);
    const parts: ProofParts = {
      directory: join(directory, 'medium'),
      list,
      async open(...asked) {
        const value = await open(...asked);
        seen.note(value);
        return value;
      },
      compare(message, fingerprint) {
        seen.note(message);
        return compare(message, fingerprint);
      },
    };
    return { seen, ended: proveMedium(list.files, parts) };
  };

  test.each([
    ['as it is', true, 'passed'],
    ['as another value', false, 'failed'],
  ] as const)('%s leaves nothing in memory that can be overwritten', async (_, isSame, outcome) => {
    const { seen, ended } = prove(() => Promise.resolve(isSame));
    expect((await ended).results).toMatchObject([{ outcome }]);
    seen.expectWiped(2);
  });

  test('does not when nobody can compare', async () => {
    const { seen, ended } = prove(broken);
    await expect(ended).rejects.toBe(BROKEN);
    seen.expectWiped(2);
  });
});
