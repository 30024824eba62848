/** A ceremony as it is held: the sheets are read as they are printed, and each custodian types the row that is asked for. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const BIN = fileURLToPath(new URL('../../../bin/holdfast.ts', import.meta.url));
export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

export type Sheet = { custodian: string; number: number; html: string; rows: string[] };
export type Ended = { code: number | null; stdout: string; stderr: string };

/** What a custodian sees of the rows. */
export const rowsOf = (html: string): string[] => [...html.matchAll(/<li class="code">([^<]+)<\/li>/g)].map(([, row]) => row ?? '');

/** @param answer undefined ends the input, null leaves the question open */
export function converse(
  words: readonly string[],
  answer: (told: string, pid: number) => string | undefined | null,
  { program = [process.execPath, BIN], environment = {} }: { program?: readonly string[]; environment?: Record<string, string> } = {},
): Promise<Ended> {
  const [command = '', ...first] = program;
  const child = spawn(command, [...first, ...words], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const ended: Ended = { code: null, stdout: '', stderr: '' };
  let answered = 0;
  child.stdin.on('error', () => undefined);
  child.stdout.on('data', (chunk: Buffer) => (ended.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => {
    ended.stderr += chunk.toString();
    const told = ended.stderr.slice(answered);
    // A question is what ends without the end of a line.
    if (!told.endsWith(': ')) return;
    answered = ended.stderr.length;
    const line = answer(told, child.pid ?? 0);
    if (line === undefined) child.stdin.end();
    else if (line !== null) child.stdin.write(`${line}\n`);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ ...ended, code }));
  });
}

export type Held = Ended & { sheets: Sheet[]; directory: string };

/** @param misread what a custodian types instead, the first time that he is asked */
export async function holdCeremony(
  directory: string,
  { custodians, threshold, words = [], misread, meanwhile, program }: CeremonyParts,
): Promise<Held> {
  const sheets: Sheet[] = [];
  const ended = await converse(
    [
      'escrow',
      'ceremony',
      `--shares=${custodians.length}`,
      `--threshold=${threshold}`,
      `--to=${directory}`,
      ...custodians.flatMap((name) => ['--custodian', name]),
      ...words,
    ],
    (told, pid) => {
      const [, custodian = '', row = ''] = /(\w+), type row (\d) from your sheet: $/.exec(told) ?? [];
      const seen = sheets.find((sheet) => sheet.custodian === custodian);
      if (!seen) {
        const file = readdirSync(directory).find((name) => name.endsWith(`-${custodian.toLowerCase()}.html`)) ?? '';
        const html = readFileSync(join(directory, file), 'utf8');
        sheets.push({ custodian, number: sheets.length + 1, html, rows: rowsOf(html) });
        if (meanwhile?.(custodian, pid) === 'leave') return null;
        const wrong = misread?.(custodian, rowsOf(html)[Number(row) - 1] ?? '');
        if (wrong !== undefined) return wrong;
      }
      return sheets.find((sheet) => sheet.custodian === custodian)?.rows[Number(row) - 1];
    },
    program ? { program: [...program, process.execPath, BIN] } : {},
  );
  return { ...ended, sheets, directory };
}
type CeremonyParts = {
  custodians: string[];
  threshold: number;
  words?: string[];
  misread?: (custodian: string, row: string) => string | undefined;
  /** While a custodian is asked. `leave`: nobody answers. */
  meanwhile?: (custodian: string, pid: number) => 'leave' | undefined;
  /** What runs the command line, such as a tracer. */
  program?: string[];
};

/** @returns what `escrow combine` said, and the file that it wrote */
export async function combine(
  file: string,
  shares: readonly (readonly string[])[],
  program: readonly string[] = [],
): Promise<Ended & { identity: string | undefined }> {
  const lines = shares.flat();
  const ended = await converse(['escrow', 'combine', '--to', file], () => lines.shift(), { program: [...program, process.execPath, BIN] });
  return { ...ended, identity: existsSync(file) ? readFileSync(file, 'utf8') : undefined };
}
