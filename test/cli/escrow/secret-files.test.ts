/** What holds a secret is whole or is not there, and is gone afterwards as far as it can be; what is left is named. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { destroyFiles, writeSecretFile } from '../../../cli/escrow/secret-files.ts';
import { shareRows } from '../../../core/escrow/offline/share-text.ts';
import { splitNewIdentity } from '../../../adapters/escrow/offline/secret-sharing.ts';
import { combine, holdCeremony } from './hold-ceremony.ts';

const SOURCE = pathToFileURL(fileURLToPath(new URL('../../../cli/escrow/secret-files.ts', import.meta.url))).href;
/** A shell’s blocks of 512 or 1024 bytes: less than a sheet, and more than an identity. */
const small = (program: string[]) => ['sh', '-c', 'ulimit -f 1 && exec "$@"', 'sh', ...program];
let place: string;
beforeAll(() => (place = mkdtempSync(join(tmpdir(), 'secret-files-'))));
afterAll(() => rmSync(place, { recursive: true, force: true }));

describe('a file with a secret', () => {
  it('is whole, and for nobody else to read', () => {
    const path = join(place, 'whole');
    writeSecretFile(path, 'a line\n');
    expect(readFileSync(path, 'utf8')).toBe('a line\n');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(() => writeSecretFile(path, 'another')).toThrow('EEXIST');
    expect(readFileSync(path, 'utf8')).toBe('a line\n');
    expect(destroyFiles([path, join(place, 'never there')])).toEqual([]);
    expect(existsSync(path)).toBe(false);
  });

  it('that the disk takes only a part of is not there at all', () => {
    const path = join(place, 'cut');
    const script = `const { writeSecretFile } = await import(${JSON.stringify(SOURCE)});
      try { writeSecretFile(${JSON.stringify(path)}, 'x'.repeat(5000)); } catch (error) { console.log(error.failure, error.message); }`;
    const [command = '', ...words] = small([process.execPath, '--input-type=module', '-e', script]);
    const said = execFileSync(command, words, { env: { PATH: process.env['PATH'] } }).toString();
    expect(said).toBe(`DiskFull ${path} could not be written whole (EFBIG), and nothing of it is left\n`);
    expect(existsSync(path)).toBe(false);
  });

  it('that cannot be destroyed is named, and the others are destroyed', () => {
    const unseen = join(place, 'x'.repeat(300));
    const [first, stubborn, last] = ['1', '2', '3'].map((name) => join(place, name)) as [string, string, string];
    for (const path of [first, last]) writeFileSync(path, 'secret');
    mkdirSync(stubborn);
    const [unlooked, left, ...more] = destroyFiles([unseen, first, stubborn, last]);
    expect(unlooked).toBe(`${unseen} (ENAMETOOLONG)`);
    expect(left).toMatch(/2 \(EISDIR/);
    expect(more).toEqual([]);
    expect([first, stubborn, last].map((path) => existsSync(path))).toEqual([false, true, false]);
  });
});

describe('a ceremony', { timeout: 60_000 }, () => {
  const custodians = ['Ana', 'Ben', 'Cem'];

  it('that is broken off destroys every sheet that it can, and names what is left', async () => {
    const directory = join(place, 'broken-off');
    const { code, stderr } = await holdCeremony(directory, {
      custodians,
      threshold: 2,
      words: ['--keep-sheets'],
      meanwhile(custodian, pid) {
        if (custodian !== 'Cem') return undefined;
        // As on a disk that became read-only under one sheet; and what a browser keeps of a page.
        rmSync(join(directory, 'share-1-ana.html'));
        mkdirSync(join(directory, 'share-1-ana.html'));
        writeFileSync(join(directory, 'Share 3 of 3.pdf'), '');
        process.kill(pid, 'SIGTERM');
        return 'leave';
      },
    });
    expect(code).toBe(20);
    expect(readdirSync(directory).toSorted()).toEqual(['Share 3 of 3.pdf', 'share-1-ana.html']);
    expect(stderr).toContain('share-1-ana.html (EISDIR');
    expect(stderr).toContain('Share 3 of 3.pdf (not made by the ceremony)');
    expect(stderr).toContain('docs/runbook.md#a-ceremony-was-broken-off');
    expect(stderr).not.toContain('nothing of it is left');
  });

  it('whose record cannot be written counts all the same, and says what the record would', async () => {
    const directory = join(place, 'no-record');
    const { code, stdout } = await holdCeremony(directory, {
      custodians,
      threshold: 2,
      meanwhile(custodian) {
        if (custodian === 'Cem') mkdirSync(join(directory, 'ceremony.json'));
        return undefined;
      },
    });
    expect(code).toBe(44);
    expect(readdirSync(directory)).toEqual(['ceremony.json']);
    expect(stdout).toContain('could not be written');
    const record = JSON.parse(stdout.slice(stdout.indexOf('{'))) as { recipient: string; shares: unknown[] };
    expect(record.recipient).toMatch(/^age1/);
    expect(record.shares).toHaveLength(3);
  });

  it('whose sheet does not fit is told before anybody prints it, and leaves nothing', async () => {
    const directory = join(place, 'full');
    const { code, stderr, sheets } = await holdCeremony(directory, { custodians, threshold: 2, program: small([]) });
    expect(code).toBe(44);
    expect(stderr).toContain('could not be written whole');
    expect(sheets).toEqual([]);
    expect(existsSync(directory)).toBe(false);
  });
});

it('an identity that is cut is none', { timeout: 60_000 }, async () => {
  const { shares } = await splitNewIdentity(2, 2);
  const file = join(place, 'identity.txt');
  // Room for nothing.
  const { code, stderr, identity } = await combine(file, shares.map(shareRows), ['sh', '-c', 'ulimit -f 0 && exec "$@"', 'sh']);
  expect(stderr).toContain('could not be written whole');
  expect([code, identity]).toEqual([44, undefined]);
});
