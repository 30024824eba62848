import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, inject, test } from 'vitest';
import { SourceUnusable } from '../../cli/demo/errors.ts';
import { findPassword } from '../../cli/demo/find-password.ts';
import { readOwnSource } from '../../cli/demo/own-source.ts';

const directory = mkdtempSync(join(tmpdir(), 'holdfast-pgpass-'));
afterAll(() => rmSync(directory, { recursive: true }));
const file = join(directory, 'mine.pgpass');
const write = (text: string, mode = 0o600) => {
  writeFileSync(file, text);
  chmodSync(file, mode);
};
const LOGIN = { host: 'db', port: 5432, dbname: 'ida', username: 'me' };

test('a password that the address does not have comes from PGPASSWORD or the first line that fits, and logs in', async () => {
  const { port, superuser, password } = inject('postgres');
  const address = `postgres://${superuser}@127.0.0.1:${port}/postgres`;
  write(
    `# mine\nelsewhere:*:*:*:wrong\n127.0.0.1:${port}:*:${superuser}:${password.replaceAll(/[:\\]/g, String.raw`\$&`)}\n*:*:*:*:later\n`,
  );
  expect((await readOwnSource(address, { PGPASSFILE: file })).secret.password).toBe(password);
  expect((await readOwnSource(address, { PGPASSWORD: password, PGPASSFILE: '/nonexistent' })).secret.password).toBe(password);
  await expect(readOwnSource(address, { PGPASSWORD: 'not this' })).rejects.toBeInstanceOf(SourceUnusable);
});

test('fields may have a colon or a backslash in them, and a star fits all', () => {
  write('*:*:other:me:no\n*:5432:*:me:a\\:b\\\\c\n');
  expect(findPassword(LOGIN, { PGPASSFILE: file })).toBe('a:b\\c');
  expect(findPassword({ ...LOGIN, username: 'you' }, { PGPASSFILE: file })).toBe('');
  expect(findPassword(LOGIN, { HOME: directory })).toBe('');
});

test('a password file that others may read, or that is not there, is said', () => {
  write('*:*:*:*:x\n', 0o644);
  expect(() => findPassword(LOGIN, { PGPASSFILE: file })).toThrow('others may read it; its mode is to be 600');
  expect(() => findPassword(LOGIN, { PGPASSFILE: join(directory, 'none') })).toThrow('it cannot be read');
});
