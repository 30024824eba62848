/** The whole task as a process: exit codes, signals, what it says, and what it must never say. */
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { openBucket } from '../../../adapters/s3/bucket.ts';
import { FailureNote } from '../../../core/failure/failure-note.ts';
import { exitCodeOf } from '../../../core/failure/exit.ts';
import { failureNoteKey } from '../../../core/vault/keys.ts';
import { seededRandom } from '../../helpers/seeded-random.ts';
import type { FreshDatabase } from '../../helpers/servers.ts';
import { freshBucket, freshDatabase, rootSettings } from '../../helpers/servers.ts';
import { tcpProxy } from '../../helpers/tcp-proxy.ts';
import { leftovers, POINT } from './ports.ts';
import { processesNaming, startDumpTask, storeSecret } from './run-dump-task.ts';

const isSoak = process.env['HOLDFAST_SOAK'] === '1';
const PLANTED_PASSWORD = 'pl4nted-pass:word\\';
const PLANTED_EMAIL = 'planted.person@example.org';

/** Its login is of this file alone: other tests' programs may be given the superuser's password in any way they like. */
let source: FreshDatabase;
const secretOf = (over: object = {}) => {
  const { host, port, database: dbname, user: username, password, ca } = source;
  return storeSecret({ host, port, dbname, username, password, ca, ...over });
};
beforeAll(async () => {
  const fresh = await freshDatabase('task');
  const login = { user: `${fresh.database}_dump`, password: randomBytes(12).toString('hex') };
  const client = await fresh.connect();
  await client.query(`CREATE ROLE ${login.user} SUPERUSER LOGIN PASSWORD '${login.password}'`);
  source = {
    ...fresh,
    ...login,
    drop: async () => {
      await client.query(`DROP ROLE ${login.user}`);
      await fresh.drop();
    },
  };
  await client.query(
    `CREATE TABLE people AS SELECT '${PLANTED_EMAIL}' AS email, repeat(md5(i::text), 8) AS text FROM generate_series(1, 15000) i`,
  );
});
afterAll(() => source.drop());

async function readNote(bucket: string) {
  const { reader } = openBucket(bucket, rootSettings(), { AWS_ENDPOINT_URL: rootSettings().endpointUrl });
  const note = await reader.get({ key: failureNoteKey('sys', 'db', 'run-1', 'dump', 1) });
  return note && FailureNote.parse(JSON.parse(Buffer.from(note.body).toString()));
}

describe('the dump task', () => {
  it('commits a point, says so, and an attempt that comes later leaves it', async () => {
    const bucket = await freshBucket();
    const secret = await secretOf();
    const first = startDumpTask({ bucket, secret });
    const { exitCode, lines, output } = await first.ended;
    expect(output).not.toContain(source.password);
    expect(exitCode, output).toBe(0);
    expect(lines.at(-1)).toMatchObject({ message: `The point ${POINT} is committed` });
    expect(readdirSync(first.scratchDir)).toEqual([]);
    const second = await startDumpTask({ bucket, secret, attempt: 2 }).ended;
    expect(second.exitCode).toBe(0);
    expect(second.lines.at(-1)?.['message']).toMatch(/has a manifest already/);
    expect((await leftovers(bucket, first.scratchDir)).manifests).toHaveLength(1);
  });

  it('tells its failure by exit code, by a note in the vault and in words, without the password', async () => {
    const bucket = await freshBucket();
    const { exitCode, output } = await startDumpTask({ bucket, secret: await secretOf({ password: PLANTED_PASSWORD }) }).ended;
    expect(exitCode).toBe(exitCodeOf('SourceLoginRefused'));
    const note = await readNote(bucket);
    expect(note).toMatchObject({ failure: 'SourceLoginRefused', sqlstate: '28P01' });
    for (const text of [output, JSON.stringify(note)]) expect(text).not.toContain(PLANTED_PASSWORD);
  });

  it.each([
    ['ASSET_PLAN', '{'],
    ['ASSET_PLAN', '{"kind":"postgres"}'],
    ['POINT', undefined],
    ['TRY', 'x'],
  ])('does not start with the environment %s=%s', async (name, value) => {
    const { exitCode, output } = await startDumpTask({ bucket: 'none', secret: 'none', environment: { [name]: value } }).ended;
    expect(exitCode).toBe(exitCodeOf('BadConfiguration'));
    expect(output).toContain(name);
  });
  it('names the secret that it cannot read', async () => {
    const { exitCode, output } = await startDumpTask({ bucket: await freshBucket(), secret: 'test/there-is-none' }).ended;
    expect(exitCode).toBe(exitCodeOf('BadConfiguration'));
    expect(output).toContain('test/there-is-none');
  });

  it('never tells a row that the server’s text quotes', async () => {
    const programs = mkdtempSync(join(tmpdir(), 'holdfast-test-program-'));
    const real = join(inject('postgres').binDir, 'pg_dump');
    const quote = `pg_dump: error: query failed: ERROR:  duplicate key value violates unique constraint "people_email_key"\nDETAIL:  Key (email)=(${PLANTED_EMAIL}) already exists.`;
    writeFileSync(
      join(programs, 'pg_dump'),
      `#!/bin/sh\ncase "$1" in --version) exec ${real} --version;; esac\ncat >&2 <<'EOF'\n${quote}\nEOF\nexit 1\n`,
    );
    chmodSync(join(programs, 'pg_dump'), 0o755);
    const bucket = await freshBucket();
    const { exitCode, output } = await startDumpTask({ bucket, secret: await secretOf(), programs }).ended;
    expect(exitCode).toBe(exitCodeOf('DumpFailed'));
    const note = await readNote(bucket);
    for (const text of [output, JSON.stringify(note)]) expect(text).not.toContain(PLANTED_EMAIL);
  });
});

describe('the dump task, stopped in the middle', () => {
  const totalBytes = { custom: 0, segmented: 0 };
  beforeAll(async () => {
    for (const format of ['custom', 'segmented'] as const) {
      const proxy = await tcpProxy(source);
      const secret = await secretOf({ port: proxy.port });
      const { exitCode } = await startDumpTask({ bucket: await freshBucket(), secret, plan: { format } }).ended;
      expect(exitCode).toBe(0);
      totalBytes[format] = proxy.served();
      await proxy.close();
    }
  });

  async function stopAt(bytes: number, signal: NodeJS.Signals, format: 'custom' | 'segmented') {
    const proxy = await tcpProxy(source);
    const bucket = await freshBucket();
    const secret = await secretOf({ port: proxy.port });
    proxy.stopAfter(bytes);
    const task = startDumpTask({ bucket, secret, plan: { format } });
    await proxy.stopped;
    // The password is in the environment and arguments of nobody, now that everything runs.
    expect(processesNaming(source.password)).toEqual([]);
    const told = performance.now();
    task.kill(signal);
    const end = await task.ended;
    const seconds = (performance.now() - told) / 1000;
    proxy.goOn();
    await sleep(signal === 'SIGKILL' ? 300 : 0);
    expect(processesNaming(task.scratchDir), 'children').toEqual([]);
    const left = await leftovers(bucket, task.scratchDir);
    expect(left.manifests).toEqual([]);
    if (signal === 'SIGTERM') {
      expect(end.exitCode, end.output).toBe(exitCodeOf('Interrupted'));
      expect(seconds).toBeLessThan(20);
      expect(left).toEqual({ manifests: [], scratch: [], uploads: [] });
      expect((await readNote(bucket))?.failure).toBe('Interrupted');
    }
    const next = await startDumpTask({ bucket, secret, attempt: 2, plan: { format } }).ended;
    expect(next.exitCode, next.output).toBe(0);
    expect((await leftovers(bucket, task.scratchDir)).manifests).toHaveLength(1);
    await proxy.close();
  }

  const random = seededRandom('dump killed at random points');
  // The last of the bytes are a farewell, which differs by a few from one run to the next.
  const points = Array.from({ length: isSoak ? 20 : 1 }, (_, index) => ({ share: random.below(9_900) / 10_000, index }));
  const formats = ['custom', 'segmented'] as const;
  for (const { share, index } of points)
    for (const signal of ['SIGTERM', 'SIGKILL'] as const)
      for (const format of isSoak ? formats : [formats[random.below(2)]!])
        it(`${signal} at ${(share * 100).toFixed(1)} % of a ${format} dump (${index + 1})`, () =>
          stopAt(Math.max(1, Math.floor(share * totalBytes[format])), signal, format));
});
