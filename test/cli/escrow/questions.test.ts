/** At a terminal of any width nothing of a share stays on the screen, nor above it. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { splitNewIdentity } from '../../../adapters/escrow/offline/secret-sharing.ts';
import { CeremonyInterrupted } from '../../../cli/escrow/errors.ts';
import { AnswersEnded, openQuestions } from '../../../cli/escrow/questions.ts';
import { gatherIdentity } from '../../../cli/escrow/gather-shares.ts';
import { shareQrText, shareRows } from '../../../core/escrow/offline/share-text.ts';
import { hasProgram } from '../../helpers/program.ts';
import { seededRandom } from '../../helpers/seeded-random.ts';
import { ROOT, rowsOf } from './hold-ceremony.ts';
import { createTerminal } from './terminal.ts';

let place: string;
let ceremony: Awaited<ReturnType<typeof splitNewIdentity>>;
beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), 'questions-'));
  ceremony = await splitNewIdentity(4, 3);
});
afterAll(() => rmSync(place, { recursive: true, force: true }));

const bare = (text: string) => text.replaceAll(/[\s-]/g, '').toUpperCase();
const SEEN = 6;
/** Pieces of what was typed that can still be read. */
const seenOf = (typed: readonly string[], screen: string): string[] => {
  const text = bare(screen);
  return typed
    .map(bare)
    .flatMap((row) =>
      Array.from({ length: row.length - SEEN }, (_, at) => row.slice(at, at + SEEN)).filter((piece) => text.includes(piece)),
    );
};
const spoil = (row: string) => (row.startsWith('0') ? '1' : '0') + row.slice(1);

/** Everything that can happen to three custodians, and what they type. */
function session(): string[] {
  const [a, b, c, d] = ceremony.shares.map(shareRows) as [string[], string[], string[], string[]];
  return [
    shareQrText(ceremony.shares[0]!).slice(0, -1),
    shareQrText(ceremony.shares[0]!),
    // A slip, a row that is no row, then rows of two sheets: they are typed again, and the others' stay typed.
    spoil(b[0]!),
    b[0]!,
    `${b[1]} ${b[2]}`.slice(0, 36),
    ...b.slice(1, 3),
    ...d.slice(3),
    ...b,
    // A share that was there before.
    ...a,
    ...c.slice(0, 4),
    ` ${c[4]!.toLowerCase().replaceAll(' ', '-')}`,
  ];
}

/** Gathers at a screen that is a stream. `typeAll`: nobody waits to be asked. */
async function gatherAt(columns: number, answers: string[], typeAll = false) {
  const terminal = createTerminal(columns);
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined });
  const rest = [...answers];
  let told = '';
  const stderr = Object.assign(
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        const text = chunk.toString();
        told += text;
        // The terminal's driver makes two characters of it.
        terminal.write(text.replaceAll(/\r?\n/g, '\r\n'));
        if (/(scan the QR code, or type row 1|Row \d): $/.test(stripVTControlCharacters(text).trimEnd() + ' ') && !typeAll) {
          setImmediate(() => stdin.write(`${rest.shift() ?? '\u0004'}\r`));
        }
        done();
      },
    }),
    { isTTY: true, columns },
  );
  if (typeAll) stdin.write(answers.map((line) => `${line}\r`).join(''));
  const gathered = await gatherIdentity({ stdin, stderr, onInterrupt: () => () => undefined } as never);
  gathered.secret.fill(0);
  return { gathered, screen: terminal.text(), told, left: rest };
}

it('where nobody answers any more, what is told next does not stand behind the question', async () => {
  const stdin = new PassThrough();
  let said = '';
  const stderr = new Writable({
    write(chunk: Buffer, _encoding, done) {
      said += chunk.toString();
      done();
    },
  });
  const questions = openQuestions({ stdin, stderr, onInterrupt: () => () => undefined });
  const asked = questions.ask('Name: ');
  stdin.end();
  await expect(asked).rejects.toThrow(AnswersEnded);
  await expect(questions.ask('Another: ')).rejects.toThrow(AnswersEnded);
  questions.close();
  expect(said).toBe('Name: \nAnother: \n');
  expect(new CeremonyInterrupted('there', [], false).advice).not.toContain('printed');
  expect(new CeremonyInterrupted('there', [], true).advice).toContain('Destroy the sheets that were printed');
});

describe('what was typed', () => {
  it('is wiped at every width, and rows of two sheets are asked for again', async () => {
    const random = seededRandom('widths of terminals');
    for (const columns of [20, 44, 45, 46, 60, 69, 70, 80, 115, 160, 161, ...Array.from({ length: 20 }, () => 20 + random.below(180))]) {
      const { gathered, screen, told, left } = await gatherAt(columns, session());
      expect(gathered).toMatchObject({ recipient: ceremony.recipient, numbers: [1, 2, 3] });
      expect(left, `at ${columns} columns`).toEqual([]);
      expect(told).toContain('Each row is right by itself, but they are not the five rows of one sheet');
      expect(told).toContain('Share 1 was given before');
      expect(seenOf(session(), screen), `at ${columns} columns:\n${screen}`).toEqual([]);
    }
  });

  it('is not shown before it is asked for', async () => {
    const { gathered, screen } = await gatherAt(60, session(), true);
    expect(gathered.numbers).toEqual([1, 2, 3]);
    expect(seenOf(session(), screen), screen).toEqual([]);
  });
});

describe.skipIf(!hasProgram('script'))('at a terminal of 60 columns', { timeout: 60_000 }, () => {
  const quoted = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`;
  /** @param answer what is typed when the screen ends with a question; undefined is ^D */
  const converse = (words: string[], answer: (question: string) => string | undefined) => {
    const line = [process.execPath, join(ROOT, 'bin', 'holdfast.ts'), ...words].map(quoted).join(' ');
    const child = spawn('script', ['-qefc', `stty cols 60 rows 24; exec ${line}`, '/dev/null'], {
      cwd: ROOT,
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], TERM: 'xterm' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const terminal = createTerminal(60);
    let told = '';
    child.stdin.on('error', () => undefined);
    child.stdout.on('data', (chunk: Buffer) => {
      terminal.write(chunk.toString());
      told += stripVTControlCharacters(chunk.toString());
      if (!/: *$/.test(told)) return;
      const question = told;
      told = '';
      const typed = answer(question);
      child.stdin.write(typed === undefined ? '\u0004' : `${typed}\r`);
    });
    return new Promise<{ code: number | null; screen: string }>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve({ code, screen: terminal.text() }));
    });
  };

  it('combine leaves nothing of a scanned share on the screen', async () => {
    const lines = session();
    const file = join(place, 'identity.txt');
    const { code, screen } = await converse(['escrow', 'combine', '--to', file], () => lines.shift());
    expect(code, screen).toBe(0);
    expect(readFileSync(file, 'utf8')).toContain(ceremony.recipient);
    expect(screen).toContain('Scanned.');
    expect(seenOf(session(), screen), screen).toEqual([]);
  });

  it('a ceremony leaves nothing of a row, however long a custodian’s name is', async () => {
    const directory = join(place, 'sheets');
    const names = ['Ana Wilhelmina Konstantinopoulou-Featherstonehaugh of the Treasury', 'Ben'];
    const typed: string[] = [];
    const words = ['escrow', 'ceremony', '--shares=2', '--threshold=2', `--to=${directory}`, ...names.map((name) => `--custodian=${name}`)];
    const { code, screen } = await converse(words, (question) => {
      const row = rowsOf(
        readFileSync(
          join(
            directory,
            readdirSync(directory).find((name) => name.endsWith('.html'))!,
          ),
          'utf8',
        ),
      )[Number(/type row (\d)/.exec(question.replaceAll(/\s+/g, ' '))?.[1]) - 1]!;
      typed.push(row);
      return typed.length === 1 ? spoil(row) : row;
    });
    expect(code, screen).toBe(0);
    expect(typed).toHaveLength(3);
    expect(seenOf(typed, screen), screen).toEqual([]);
  });

  it('^D ends a ceremony, and says where to read on', async () => {
    const directory = join(place, 'ended');
    const { code, screen } = await converse(
      ['escrow', 'ceremony', '--shares=2', '--threshold=2', `--to=${directory}`, '--custodian=Ana', '--custodian=Ben'],
      () => undefined,
    );
    expect(code, screen).toBe(20);
    expect(bare(screen)).toContain(bare('docs/runbook.md#a-ceremony-was-broken-off'));
  });
});
