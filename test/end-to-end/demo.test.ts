/** The README's first command, as a person runs it: killed in the middle, then whole, and nothing stays behind either time. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { openBucket } from '../../adapters/s3/bucket.ts';
import { escrowBucketName } from '../../core/names.ts';
import { parsePlan } from '../../core/plan/load.ts';
import { readKeyWatch } from '../../core/watch/key-record.ts';
import { rootSettings } from '../../local/run/place.ts';
import { trustAuthority } from '../../local/trust.ts';
import { COMPILE_CACHE } from '../../local/processes/compile-cache.ts';
import { converse, rowsOf } from '../cli/escrow/hold-ceremony.ts';
import { hasProgram } from '../helpers/program.ts';
import { LOCAL_DIRECTORY, requireLocalSystem } from '../../cli/local-system.ts';
import { isRunThisTime, oneOf } from '../helpers/sample-tests.ts';
import { seededRandom } from '../helpers/seeded-random.ts';
import { freshDatabase } from '../helpers/servers.ts';
import type { ReportModel } from '../../core/report/model.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SHEETS = join(ROOT, '.holdfast', 'sheets');
const REPORT = join(ROOT, '.holdfast', 'report', 'index.html');
const DEMO_MILLISECONDS = 300_000;
const END_MILLISECONDS = 20_000;

type Demo = { child: ChildProcess; stdout: () => string; stderr: () => string; exited: Promise<number | null> };

/** `mark` is in the environment of the demo and of all that it starts, unless that is given an environment of its own. */
function startDemo(...words: string[]): Demo {
  const child = spawn(process.execPath, ['bin/demo.ts', ...words], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], NODE_COMPILE_CACHE: COMPILE_CACHE },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return {
    child,
    stdout: () => stdout,
    stderr: () => stderr,
    exited: new Promise((resolve) => child.once('exit', (code) => resolve(code))),
  };
}

/** Every process that descends from `pid` now, deepest last. */
function descendants(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const [, parent] = /^\d+ \(.*\) \S (\d+)/s.exec(readFileSync(`/proc/${name}/stat`, 'utf8')) ?? [];
      parents.set(Number(name), Number(parent));
    } catch {
      // It has ended since the listing.
    }
  }
  const found: number[] = [pid];
  for (const next of found) for (const [child, parent] of parents) if (parent === next) found.push(child);
  return found.slice(1);
}

const isAlive = (pid: number) => {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

async function expectAllEnded(pids: readonly number[]): Promise<void> {
  const deadline = Date.now() + END_MILLISECONDS;
  while (pids.some(isAlive) && Date.now() < deadline) await sleep(100);
  expect(pids.filter(isAlive)).toEqual([]);
}

async function until(demo: Demo, text: string): Promise<void> {
  const deadline = Date.now() + DEMO_MILLISECONDS;
  while (!demo.stderr().includes(text)) {
    if (demo.child.exitCode !== null || Date.now() > deadline) throw new Error(`The demo never said '${text}':\n${demo.stderr()}`);
    await sleep(50);
  }
}

/** The key watch of each region has looked, and saw nothing wrong. */
async function expectWatched(): Promise<void> {
  const { place, system, planPath } = requireLocalSystem(LOCAL_DIRECTORY);
  trustAuthority(readFileSync(place.caPath, 'utf8'));
  const plan = parsePlan(readFileSync(planPath, 'utf8'), planPath);
  for (const { region } of [plan.home, plan.replica]) {
    const { reader } = openBucket(escrowBucketName({ system, account: place.accountId, region }), rootSettings(place, region), {});
    const deadline = Date.now() + DEMO_MILLISECONDS;
    let record = await readKeyWatch(reader, system, new Date());
    for (; record === undefined && Date.now() < deadline; record = await readKeyWatch(reader, system, new Date())) await sleep(500);
    // Its own four keys, and what is logged in with.
    expect(record?.used.length).toBeGreaterThanOrEqual(region === plan.home.region ? 7 : 4);
    expect(record?.used.filter(({ state }) => state !== 'works')).toEqual([]);
  }
}

/** What the demo says at its end, done word for word, but for where files are put. */
async function beCustodians(said: string): Promise<void> {
  const place = mkdtempSync(join(tmpdir(), 'holdfast-demo-'));
  try {
    const commands = said
      .slice(said.indexOf('Be the custodians'))
      .split('\n')
      .flatMap((line) => (line.startsWith('  ') ? [line.trim().replaceAll('/dev/shm/', `${place}/`)] : []));
    const ours = commands.filter((line) => line.startsWith('npx holdfast '));
    expect(commands.map((line) => line.split(' ')[0])).toEqual(['npx', 'npx', 'npx', 'age', 'shred']);
    const rows = readdirSync(SHEETS)
      .toSorted()
      .map((name) => rowsOf(readFileSync(join(SHEETS, name), 'utf8')));
    const medium = join(place, 'medium');
    for (const [index, line] of ours.entries()) {
      const lines = rows.slice(index, index + 3).flat();
      const words = [...line.slice('npx holdfast '.length).matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
      const ended = await converse(
        words.map((word) => (word === 'medium' ? medium : word)),
        () => lines.shift(),
      );
      expect(ended.code, ended.stderr).toBe(0);
    }
    for (const file of readdirSync(medium).filter((name) => name.endsWith('.age'))) {
      // A program of the distribution, which not every machine has.
      if (!hasProgram('age')) break;
      execFileSync('sh', ['-ec', commands[3]!.replace('medium/FILE', `${medium}/${file.slice(0, -'.age'.length)}`)]);
      expect(readFileSync(join(place, 'value'), 'latin1')).toMatch(/^[0-9a-f]{64}$/);
      rmSync(join(place, 'value'));
    }
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

// Each takes half a minute of both cores: one of them in `npm test`, both in `npm run soak`.
const isSoak = process.env['HOLDFAST_SOAK'] === '1';
const whole = isSoak ? ['the own', 'somebody’s'] : [['the own', 'somebody’s'][seededRandom('demo').below(2)]];

describe.runIf(process.platform === 'linux')('npm run demo', { timeout: 2 * DEMO_MILLISECONDS }, () => {
  const cut = isRunThisTime('the demo cut off', 2) ? oneOf('how the demo is cut off', ['killed', '^C']) : [];
  it.runIf(cut.includes('killed'))('leaves nothing running when it is killed in the middle', async () => {
    const demo = startDemo();
    await until(demo, 'Deploy plans/ida.yaml');
    const started = descendants(demo.child.pid!);
    expect(started.length).toBeGreaterThan(2);
    demo.child.kill('SIGKILL');
    await demo.exited;
    await expectAllEnded(started);
  });

  it.runIf(cut.includes('^C'))('ends calmly on ^C', async () => {
    const demo = startDemo();
    await until(demo, 'Deploy plans/ida.yaml');
    const started = descendants(demo.child.pid!);
    demo.child.kill('SIGINT');
    expect(await demo.exited).toBe(20);
    expect(demo.stderr()).toContain('nothing is left running');
    await expectAllEnded(started);
  });

  it.runIf(whole.includes('the own'))(
    'then does the whole job, refuses every attack, lets people be custodians, and leaves its page',
    async () => {
      rmSync(REPORT, { force: true });
      const demo = startDemo('--output', 'json', '--keep');
      await until(demo, 'Be the custodians');
      const started = descendants(demo.child.pid!);
      await beCustodians(demo.stderr());
      await expectWatched();
      demo.child.kill('SIGINT');
      const code = await demo.exited;
      expect(code, demo.stderr()).toBe(0);
      const model = JSON.parse(demo.stdout()) as ReportModel;
      expect(model.colour).toBe('amber');
      // The safety backup of the restore in place is the newer one.
      expect(model.databases[0]!.points).toHaveLength(2);
      expect(model.databases[0]!.points[1]).toMatchObject({
        verifiedAt: expect.any(String) as string,
        replicatedAt: expect.any(String) as string,
        lastDrill: { outcome: 'passed' },
      });
      // Of the value before the rotation, and of the one after.
      expect(model.keys[0]!.readBacks.map(({ place }) => place).toSorted()).toEqual(['replica', 'replica', 'vault', 'vault']);
      expect(model.runs.filter(({ stage, outcome }) => stage === 'restore' && outcome === 'succeeded')).toHaveLength(3);
      for (const said of ['ann may not: ', 'bob approves ', 'ida is what it was; what had been restored is kept as '])
        expect(demo.stderr()).toContain(said);
      expect(model.attempts).toHaveLength(16);
      expect(model.attempts.filter(({ isRefused }) => !isRefused)).toEqual([]);
      expect(readFileSync(REPORT, 'utf8')).toContain('Backup evidence');
      await expectAllEnded(started);
      expect(existsSync(SHEETS)).toBe(false);
    },
  );

  it.runIf(whole.includes('somebody’s'))('protects a database of one’s own with a login that can only read', async () => {
    const database = await freshDatabase('own');
    const client = await database.connect();
    const reader = `reader_${database.database}`;
    await client.query(`
      CREATE TABLE notes (id int PRIMARY KEY, text text); INSERT INTO notes SELECT i, repeat('x', i) FROM generate_series(1, 500) i;
      CREATE ROLE ${reader} LOGIN PASSWORD 'only-reads'; GRANT pg_read_all_data TO ${reader};
    `);
    const address = `postgres://${reader}:only-reads@localhost:${database.port}/${database.database}?sslmode=verify-full&sslrootcert=${encodeURIComponent(database.caPath)}`;
    const demo = startDemo('--output', 'json', '--source', address);
    expect(await demo.exited, demo.stderr()).toBe(0);
    const [drill] = (JSON.parse(demo.stdout()) as ReportModel).databases[0]!.drills;
    expect(drill).toMatchObject({ outcome: 'passed' });
    expect(drill!.checks).toContainEqual(expect.objectContaining({ kind: 'row-count', measured: '1 table as verified' }));
    expect(drill!.checks).toContainEqual(expect.objectContaining({ name: 'tables are there', measured: '1' }));
    expect(demo.stdout() + demo.stderr()).not.toContain('only-reads');
    await database.drop();
  });

  it('tells options and databases that cannot be used, before anything is set up', async () => {
    for (const [words, said] of [
      [['--port', 'x', '--output', 'xml'], /--port is a number[\s\S]*--output is text or json/],
      [['--source', 'mysql://somewhere'], /postgres:\/\/user@host:5432\/database/],
      [['--source', 'postgres://me:hunter2@127.0.0.1:1/none'], /127\.0\.0\.1:1[\s\S]*cannot be used/],
    ] as const) {
      const demo = startDemo(...words);
      expect(await demo.exited).toBe(64);
      expect(demo.stderr()).toMatch(said);
      expect(demo.stderr()).not.toContain('hunter2');
      expect(demo.stderr()).not.toContain('Make this machine ready');
    }
  });
});
