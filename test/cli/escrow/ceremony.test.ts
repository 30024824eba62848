/** A ceremony from the first question to stock `age`, as processes of their own. */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sealOffline } from '../../../adapters/escrow/offline/age-file.ts';
import { sheetName } from '../../../core/escrow/offline/sheet.ts';
import { hasProgram } from '../../helpers/program.ts';
import { combine, converse, holdCeremony, type Held } from './hold-ceremony.ts';

const CUSTODIANS = ['Ana', 'Ben', 'Cem', 'Dee', 'Eli'];
let place: string;
let held: Held;

beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), 'ceremony-'));
  const mistype = (row: string) => (row.startsWith('0') ? '1' : '0') + row.slice(1);
  held = await holdCeremony(join(place, 'sheets'), {
    custodians: CUSTODIANS,
    threshold: 3,
    words: ['--purpose', 'IDA <production>', '--output', 'json'],
    misread: (custodian, row) => (custodian === 'Ben' ? mistype(row) : undefined),
  });
}, 60_000);
afterAll(() => rmSync(place, { recursive: true, force: true }));

const record = () => JSON.parse(held.stdout) as { ceremony: string; recipient: string; shares: { custodian: string }[] };
const age = (...words: string[]) => execFileSync('age', words);

describe('a ceremony', () => {
  it('ends when every custodian has read a part back, and asks again after a slip', () => {
    expect(held.stderr).not.toContain('error');
    expect(held.code).toBe(0);
    expect(record().shares.map(({ custodian }) => custodian)).toEqual(CUSTODIANS);
    expect(held.stderr.match(/is not as it was printed/g)).toHaveLength(1);
  });

  it('leaves the recipient and the record, and no sheet', () => {
    expect(readdirSync(held.directory).toSorted()).toEqual(['ceremony.json', 'recipient.txt']);
    const left = readFileSync(join(held.directory, 'ceremony.json'), 'utf8') + held.stdout + held.stderr;
    for (const { rows } of held.sheets) for (const row of rows) expect(left).not.toContain(row);
  });

  it('prints for each custodian a sheet of his own that asks for nothing', () => {
    expect(new Set(held.sheets.flatMap(({ rows }) => rows)).size).toBe(25);
    for (const { custodian, number, html } of held.sheets) {
      for (const part of [custodian, `Share ${number} of 5`, 'any 3 of the 5 shares', 'IDA &lt;production&gt;', record().recipient])
        expect(html).toContain(part);
      expect(html).toContain(record().ceremony.match(/.{4}/g)?.join(' '));
      expect(html).not.toMatch(/(src|href)=|url\(|<script|@import/);
    }
  });

  it.skipIf(!hasProgram('age'))('gives the identity back from three of the shares, and stock age opens a file with it', async () => {
    const file = join(place, 'identity.txt');
    const { code, identity, stderr } = await combine(
      file,
      [4, 1, 3].map((index) => held.sheets[index]?.rows ?? []),
    );
    expect(stderr).not.toContain('error');
    expect(code).toBe(0);
    expect(identity).toContain(`# public key: ${record().recipient}`);
    expect(execFileSync('age-keygen', ['-y', file]).toString().trim()).toBe(record().recipient);
    const value = randomBytes(64 * 1024);
    writeFileSync(join(place, 'value.age'), await sealOffline(value, [record().recipient]));
    expect(age('-d', '-i', file, join(place, 'value.age')).equals(value)).toBe(true);
  });

  it('asks for no share where the identity could not be written', async () => {
    for (const file of [join(place, 'nowhere', 'identity.txt'), join(held.directory, 'ceremony.json', 'identity.txt')]) {
      const asked: string[] = [];
      const { code, stderr } = await converse(['escrow', 'combine', '--to', file], (told) => void asked.push(told));
      expect([code, asked]).toEqual([64, []]);
      expect(stderr).toContain('can be written into');
    }
  });

  it('asks nobody where its sheets could not be written', async () => {
    const [file, link, deep] = ['a-file', 'a-link', 'a/b'].map((name) => join(place, name)) as [string, string, string];
    writeFileSync(file, '');
    symlinkSync(join(place, 'nowhere'), link);
    for (const [to, why] of [
      [file, 'is no directory that can be read (ENOTDIR)'],
      [link, 'cannot be made (EEXIST)'],
      [deep, 'cannot be made (ENOENT)'],
      [join(place, 'x'.repeat(300)), 'ENAMETOOLONG'],
    ] as const) {
      const asked: string[] = [];
      const { code, stderr } = await converse(
        ['escrow', 'ceremony', '--shares=2', '--threshold=2', `--to=${to}`],
        (told) => void asked.push(told),
      );
      expect([code, asked], stderr).toEqual([64, []]);
      expect(stderr).toContain(why);
    }
    const { code, stderr } = await converse(['escrow', 'combine', '--to', link], () => undefined);
    expect([code, stderr.includes('is there already')]).toEqual([64, true]);
  }, 60_000);

  it('takes a name that a file could not have, and none that a proof could not', async () => {
    expect(sheetName(2, 'A'.repeat(100)).length).toBeLessThan(80);
    const words = ['escrow', 'ceremony', '--shares=2', '--threshold=2', `--to=${join(place, 'longer')}`, `--custodian=${'A'.repeat(101)}`];
    const { code, stderr } = await converse(words, () => undefined);
    expect([code, stderr.includes('has at most 100 characters')]).toEqual([64, true]);
  }, 60_000);

  it('says of a number that is none that it is none', async () => {
    const { code, stderr } = await converse(
      ['escrow', 'ceremony', '--shares=abc', '--threshold=2.5', `--to=${join(place, 'none')}`],
      () => undefined,
    );
    expect(code).toBe(64);
    expect(stderr).toContain('--shares is a number');
    expect(stderr).toContain('--threshold is a whole number');
  });
});
