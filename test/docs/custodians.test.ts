/** The custodians' page, followed word for word: its commands are run, its program is all there is, and what it quotes is what is said. */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { openOffline, sealOffline } from '../../adapters/escrow/offline/age-file.ts';
import { combineShares, splitNewIdentity } from '../../adapters/escrow/offline/secret-sharing.ts';
import { SecretNotWritten } from '../../cli/escrow/errors.ts';
import { notAsExported } from '../../cli/escrow/read-medium.ts';
import { buildProgram } from '../../cli/program.ts';
import { VERBS } from '../../cli/verbs.ts';
import { identityFile, recipientOf } from '../../core/escrow/offline/identity.ts';
import { joinShares } from '../../core/escrow/offline/join-shares.ts';
import { MEDIUM_SUMS, sumsText } from '../../core/escrow/offline/medium.ts';
import { readShare, shareQrText, shareRows, type Share } from '../../core/escrow/offline/share-text.ts';
import { Offline } from '../../core/plan/schema-escrow.ts';
import { hasProgram } from '../helpers/program.ts';

const PAGE = readFileSync(fileURLToPath(new URL('../../docs/custodians.md', import.meta.url)), 'utf8');
const blocks = (language: string) =>
  [...PAGE.matchAll(new RegExp(`^ *\`\`\`${language}\\n([\\s\\S]*?)^ *\`\`\``, 'gm'))].map(([, text]) =>
    (text ?? '').replaceAll(/^ {3}/gm, ''),
  );
const commands = blocks('sh').flatMap((block) => block.split('\n').filter(Boolean));

let place: string;
let ceremony: Awaited<ReturnType<typeof splitNewIdentity>>;
let other: typeof ceremony;
let secret: Uint8Array;
beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), 'custodians-'));
  ceremony = await splitNewIdentity(5, 3);
  other = await splitNewIdentity(5, 3);
  ({ secret } = await joinShares(ceremony.shares.slice(0, 3), combineShares));
});
afterAll(() => rmSync(place, { recursive: true, force: true }));

describe('the commands of the page', () => {
  it('are commands that there are, with options that there are', async () => {
    const ours = commands.flatMap((line) => /npx holdfast .*/.exec(line)?.[0] ?? []);
    expect(ours).toHaveLength(6);
    for (const line of ours) {
      const words = [...line.slice('npx holdfast '.length).matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
      let asked: string | undefined;
      const program = buildProgram(VERBS, '0', { stdout: process.stdout }, (verb, input) => {
        expect(verb.input.safeParse(input).success).toBe(true);
        asked = verb.name;
      });
      await program.parseAsync(words, { from: 'user' });
      expect(asked).toBe(words.slice(0, 2).join(' '));
    }
  });

  it('name a plan’s fields as they are', () => {
    const [example] = blocks('yaml').map((text) => parse(text) as { escrow: { offline: unknown } });
    expect(Offline.safeParse(example?.escrow.offline)).toMatchObject({ success: true, data: { proofValid: 'P12M' } });
  });

  it.skipIf(!hasProgram('age'))('open a file and destroy what was open, in a shell that has nothing of Holdfast', async () => {
    const medium = join(place, 'medium');
    mkdirSync(medium);
    const value = randomBytes(32);
    const file = await sealOffline(value, [ceremony.recipient]);
    writeFileSync(join(medium, 'FILE.age'), file);
    writeFileSync(join(medium, MEDIUM_SUMS), sumsText([{ file: 'FILE.age', sha256: createHash('sha256').update(file).digest('hex') }]));
    writeFileSync(join(place, 'identity.txt'), identityFile(secret, ceremony.ceremony));
    const run = (line: string) =>
      execFileSync('sh', ['-ec', line.replaceAll('/dev/shm', place).replaceAll('/media/usb/ida', medium)], {
        cwd: medium,
        env: { PATH: '/usr/bin:/bin' },
      }).toString();
    const stock = commands.filter((line) => /^(age -d -i .dev|shred |sha256sum )/.test(line));
    expect(stock.map((line) => line.split(' ')[0])).toEqual(['sha256sum', 'age', 'shred']);
    expect(run(stock[0]!)).toBe('FILE.age: OK\n');
    run(stock[1]!);
    expect(readFileSync(join(place, 'value')).equals(value)).toBe(true);
    run(stock[2]!);
    expect(() => readFileSync(join(place, 'identity.txt'))).toThrow('ENOENT');
  });
});

describe('what memory may leave on a disk', () => {
  const section = (heading: string) => new RegExp(`^## ${heading}\\n([\\s\\S]*?)(?=^## |$(?![\\s\\S]))`, 'm').exec(PAGE)?.[1] ?? '';

  it('is said, with how swapping is turned off, and what shows that it is', () => {
    const said = section('What a computer keeps').replaceAll(/\s+/g, ' ');
    expect(said).toContain(
      '**Swap** can carry memory to a disk: `sudo swapoff --all` before, and no hibernation. `swapon --show` must show nothing.',
    );
    expect(said).toContain("It cannot overwrite everything: JavaScript's strings");
  });

  it.each([
    ['The ceremony: sheets are made', 'npx holdfast escrow ceremony'],
    ['The proof: once a year', 'npx holdfast escrow prove-offline --medium'],
    ['The recovery: everything else is gone', 'npx holdfast escrow combine'],
  ])('is kept from there before anything secret is typed: %s', (heading, command) => {
    const text = section(heading);
    const [off, begins] = [text.indexOf('sudo swapoff --all'), text.indexOf(command)];
    expect(begins).toBeGreaterThan(0);
    expect(off).toBeGreaterThan(0);
    expect(off).toBeLessThan(begins);
  });
});

describe.skipIf(!hasProgram('age'))('a hardware key', () => {
  it('keeps an identity that stock age opens files with, in two steps', async () => {
    // A device that is a file: the program of its plugin is all that a real one adds.
    const device = Uint8Array.from(randomBytes(32));
    writeFileSync(join(place, 'device-identity.txt'), identityFile(device, 'device'));
    const run = (line: string) =>
      execFileSync('sh', ['-ec', line.replaceAll('/dev/shm', place).replaceAll('/media/usb/ida', place)], {
        cwd: place,
        env: { PATH: '/usr/bin:/bin', DEVICE_RECIPIENT: recipientOf(device) },
      });
    const [make = '', open = ''] = commands.filter((line) => line.includes('identity.age'));
    run(make);
    const [, recipient = ''] = /(age1[0-9a-z]+)/.exec(readFileSync(join(place, 'recipient.txt'), 'utf8')) ?? [];
    expect(Offline.safeParse({ recipients: [recipient] }).success).toBe(true);
    const value = randomBytes(32);
    writeFileSync(join(place, 'FILE.age'), await sealOffline(value, [ceremony.recipient, recipient]));
    run(open);
    expect(readFileSync(join(place, 'value')).equals(value)).toBe(true);
  });

  it('of a plugin is told how it becomes a recipient', () => {
    const [issue] =
      Offline.safeParse({ recipients: ['age1yubikey1qwt50d05nh5vutpdzmlg5wn80xq5negm4uj9ghv0snvdd3yysf5yw3rhl3t'] }).error?.issues ?? [];
    expect(issue?.message).toContain('docs/custodians.md');
  });
});

describe.skipIf(!hasProgram('python3'))('the program of the page', () => {
  const [program = ''] = blocks('python');
  const combine = (typed: string) => spawnSync('python3', ['-c', program], { input: typed, env: { PATH: '/usr/bin:/bin' } });
  const rowsOf = (shares: Share[]) => shares.map((share) => shareRows(share).join('\n')).join('\n\n');

  it('rebuilds the identity from any three sheets, typed or scanned', () => {
    for (const chosen of [
      [0, 1, 2],
      [4, 1, 3],
      [3, 0, 4],
    ]) {
      const shares = chosen.map((index) => ceremony.shares[index]!);
      for (const typed of [rowsOf(shares), rowsOf(shares).toLowerCase(), shares.map(shareQrText).join('\n')]) {
        const { stdout, stderr } = combine(typed);
        expect(stderr.toString()).toBe('');
        expect(identityFile(secret, ceremony.ceremony)).toContain(stdout.toString());
        expect(stdout.toString()).toMatch(/^AGE-SECRET-KEY-1[0-9A-Z]{58}\n$/);
      }
    }
  });

  it('takes a sheet that was typed twice for one', () => {
    const [a, , c, , e] = ceremony.shares as [Share, Share, Share, Share, Share];
    expect(identityFile(secret, ceremony.ceremony)).toContain(
      combine(rowsOf([a, a, c, e]))
        .stdout.toString()
        .trim() || 'nothing',
    );
  });

  it('refuses what Holdfast refuses', () => {
    const [a, b, c] = ceremony.shares as [Share, Share, Share];
    // Somebody who knows how sheets are made, and has changed one with all its checksums.
    const forged = { ...c, bytes: c.bytes.with(20, (c.bytes[20] ?? 0) ^ 1) };
    const spoilt = rowsOf([a, b, c]).replace(/[0-9]/, (digit) => String((Number(digit) + 1) % 10));
    for (const [typed, why] of [
      [spoilt, 'not as it was printed'],
      [rowsOf([a, b]), '3 different shares are needed'],
      [rowsOf([a, b, b]), '3 different shares are needed'],
      [rowsOf([a, b, other.shares[2]!]), 'not of one ceremony'],
      [rowsOf([a, b, c]).slice(0, -6), 'not as it was printed'],
      [rowsOf([a, b, c]).replace(/[0-9A-Z]/, 'U'), 'No share has the character U'],
      [rowsOf([a, b, forged]), 'do not rebuild the identity'],
    ] as const) {
      const { status, stderr } = combine(typed);
      expect(stderr.toString()).toContain(why);
      expect(status).not.toBe(0);
    }
  });
});

describe('the table of what can be wrong', () => {
  it('quotes what is said', async () => {
    const [table = ''] = /\| what the screen says[\s\S]*?\n\n/.exec(PAGE) ?? [];
    const quoted = table
      .split('\n')
      .slice(2)
      .flatMap((line) => line.split('|')[1]?.trim() || []);
    const [a, b, c] = ceremony.shares as [Share, Share, Share];
    const rows = shareRows(a);
    const typed = (row: string) => readShare([...rows.slice(0, 2), row, ...rows.slice(3)].join('\n'));
    // Not in the first byte or the last: X25519 passes over some of their bits.
    const forged = { ...c, bytes: Uint8Array.from(c.bytes, (byte, index) => (index === 9 ? byte ^ 1 : byte)) };
    const file = await sealOffline(Buffer.from('value'), [other.recipient]);
    const said: string[] = [];
    const acts: (() => unknown)[] = [
      () => typed(rows[2]!.slice(0, -1) + (rows[2]!.endsWith('0') ? '1' : '0')),
      () => typed(rows[2]!.slice(0, -1)),
      () => typed(`U${rows[2]!.slice(1)}`),
      () => typed(shareRows(b)[2]!),
      () => joinShares([a, b, other.shares[2]!], combineShares),
      () => joinShares([b, a, b], combineShares),
      () => joinShares([a, b], combineShares),
      () => joinShares([a, b, forged], combineShares),
      () => openOffline(file, secret, 'wallet.age'),
      () => openOffline(file.subarray(1), secret, 'wallet.age'),
      () => Promise.reject(new Error(notAsExported('wallet.age'))),
      () => Promise.reject(new SecretNotWritten('/dev/shm/identity.txt', 'ENOSPC', undefined)),
    ];
    for (const act of acts)
      said.push(
        await Promise.resolve()
          .then(act)
          .then(
            () => 'nothing',
            (error: Error) => error.message,
          ),
      );
    expect(said).toHaveLength(quoted.length);
    for (const [index, quote] of quoted.entries()) for (const part of quote.split('…')) expect(said[index]).toContain(part.trim());
  });
});
