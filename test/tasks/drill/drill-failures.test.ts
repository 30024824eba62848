/** Drills that find something before they restore, that cannot run, or that are stopped: judged right, and nothing stays. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gunzipSync, gzipSync } from 'node:zlib';
import { judgeDrill } from '../../../core/drill/judge.ts';
import { runDrill } from '../../../tasks/drill/run-drill.ts';
import { describeEnd } from '../../../tasks/run-task.ts';
import { seededRandom } from '../../helpers/seeded-random.ts';
import { freshDatabase, type FreshDatabase } from '../../helpers/servers.ts';
import { drill, failedChecks, forgePoint, makePoint, orderOf, portsOf, startContainer, type MadePoint } from './fixture.ts';
import { sampleTests } from '../../helpers/sample-tests.ts';

const isSoak = process.env['HOLDFAST_SOAK'] === '1';
/** Each of these is a whole drill: `npm test` runs some, the soak all. */
const pick = seededRandom('drills that fail');
const sample = <T>(cases: readonly T[], count: number): T[] => {
  const left = [...cases];
  return isSoak ? left : Array.from({ length: count }, () => left.splice(pick.below(left.length), 1)).flat();
};
const OBJECTIVES = { rpoSeconds: 86_400, rtoSeconds: 3600 };

sampleTests('failures of a drill', 0.12);

let source: FreshDatabase;
let custom: MadePoint;
let plain: MadePoint;
beforeAll(async () => {
  source = await freshDatabase('failures');
  const client = await source.connect();
  // 40 MiB that compress to almost nothing.
  await client.query(`CREATE TABLE t (id int PRIMARY KEY, text text); ALTER TABLE t ALTER text SET STORAGE EXTERNAL;
    INSERT INTO t SELECT i, repeat('x', 4000) FROM generate_series(1, 10000) i`);
  custom = await makePoint(source, { dump: { format: 'custom' } });
  plain = await makePoint(source, { dump: { format: 'plain', compression: { method: 'gzip' } } });
});
afterAll(() => source.drop());

const endOf = (work: Promise<unknown>) => work.then(() => ({ failure: 'none', message: '' }), describeEnd);
let forged = 0;
const nextPoint = () => `202606${String(2 + Math.floor(forged / 24)).padStart(2, '0')}T${String(forged++ % 24).padStart(2, '0')}0000Z`;
const outcomeOf = (failure: string) =>
  judgeDrill({ result: undefined, failure: { failure: failure as never, detail: '' }, reason: undefined, objectives: OBJECTIVES }).outcome;

describe('a drill of a damaged point', () => {
  const random = seededRandom('damage that a drill must find');
  const damages: ((bytes: Buffer) => Buffer)[] = [
    (bytes) => bytes.subarray(0, random.below(bytes.length)),
    (bytes) => {
      const flipped = Buffer.from(bytes);
      const at = random.below(bytes.length);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << random.below(8));
      return flipped;
    },
    (bytes) => Buffer.concat([bytes, Buffer.from('x')]),
  ];
  it.each(Array.from({ length: isSoak ? 48 : 4 }, (_, i) => i))('finds it before a database is asked for (%i)', async (i) => {
    const stored = damages[i % damages.length];
    const damaged = await forgePoint(i % 2 ? plain : custom, { point: nextPoint(), ...(stored ? { stored } : {}) });
    const events: string[] = [];
    const end = await drill(damaged, { ports: { report: (event) => events.push(event) } });
    expect(end.failure?.failure).toBe('PointDamaged');
    expect(failedChecks(end)).toEqual(['bytes: stored bytes']);
    expect(events.some((event) => event.includes('start-database'))).toBe(false);
    expect(end.result.serverVersion).toBe('');
    expect(end.leftovers).toEqual([]);
    expect(judgeDrill({ result: end.result, failure: undefined, reason: undefined, objectives: OBJECTIVES })).toMatchObject({
      outcome: 'failed',
    });
  });
});

describe('a drill of a point that does not restore', () => {
  const changes: [string, (sql: string) => string][] = [
    ['a row is there twice', (sql) => sql.replace('\n1\tx', '\n2\tx')],
    ['a type does not exist', (sql) => sql.replace(' integer', ' no_such_type')],
    ['a command for psql stands in it', (sql) => sql.replace('CREATE TABLE', '\\! true\nCREATE TABLE')],
    ['it ends in the middle of the rows', (sql) => sql.slice(0, sql.indexOf('\n9000\t'))],
  ];
  it.each(sample(changes, 2))('fails when %s', async (_, change) => {
    const bad = await forgePoint(plain, { point: nextPoint(), dump: (bytes) => gzipSync(change(gunzipSync(bytes).toString())) });
    const end = await drill(bad);
    expect(end.failure?.failure).toBe('RestoreFailed');
    expect(failedChecks(end)).toEqual(['restore: restore']);
    expect(end.leftovers).toEqual([]);
    expect(JSON.stringify(end.result)).not.toContain('xxxx');
    expect(
      judgeDrill({ result: end.result, failure: { failure: 'RestoreFailed', detail: '' }, reason: undefined, objectives: OBJECTIVES })
        .outcome,
    ).toBe('failed');
  });
});

const isRoot = process.getuid?.() === 0;

/**
 * A data directory with room for an empty server and little more: a disk of its own where one can be mounted, which nobody outside
 * sees; elsewhere a limit for the size of files, just enough for the server's log.
 */
const onSmallDisk = (command: string[]): string[] => {
  const dataDir = command.at(-2) ?? '';
  const mount = `mount -t tmpfs -o size=64m,mode=777 tmpfs '${dataDir}' && exec "$@"`;
  return isRoot
    ? ['unshare', '--mount', 'sh', '-c', mount, 'sh', ...command]
    : ['sh', '-c', 'ulimit -f 36864; exec "$@"', 'sh', ...command];
};

describe('a drill that cannot run', () => {
  it('says that the restored database does not fit, before it restores', async () => {
    const huge = await forgePoint(custom, { point: nextPoint(), manifest: (m) => ({ ...m, source: { ...m.source, sizeBytes: 2 ** 52 } }) });
    expect(await endOf(drill(huge))).toMatchObject({
      failure: 'DiskFull',
      message: expect.stringContaining('The restored database needs') as string,
    });
    expect(outcomeOf('DiskFull')).toBe('could-not-run');
  });

  it.each(sample(['custom', 'plain'], 1))('says that the disk became full under the restore (%s)', async (format) => {
    const made = format === 'custom' ? custom : plain;
    const small = await forgePoint(made, { point: nextPoint(), manifest: (m) => ({ ...m, source: { ...m.source, sizeBytes: 0 } }) });
    expect(await endOf(drill(small, { container: { wrap: onSmallDisk } }))).toMatchObject({ failure: 'DiskFull' });
  });

  it('says that the database did not start, and why', async () => {
    // 4 MiB are too little for what initdb makes.
    const wrap = (command: string[]) => ['sh', '-c', 'ulimit -f 8192; exec "$@"', 'sh', ...command];
    const end = await endOf(drill(custom, { container: { wrap } }));
    expect(end).toMatchObject({ failure: 'ThrowawayUnavailable' });
    expect(end.message).toContain('initdb');
    expect(outcomeOf('ThrowawayUnavailable')).toBe('could-not-run');
  });

  it.each(sample(['custom', 'plain'], 1))('says that the server ended under the restore (%s)', async (format) => {
    const made = format === 'custom' ? custom : plain;
    const container = startContainer();
    const kill = (event: string) => {
      if (event === 'Phase restore starts') setTimeout(() => process.kill(-(container.child.pid ?? 0), 'SIGQUIT'), 150);
    };
    try {
      // SIGQUIT is how PostgreSQL ends at once; a shell as first process ignores it.
      const end = await endOf(runDrill(orderOf(made, container), portsOf(made, { report: kill }), new AbortController().signal));
      expect(end).toMatchObject({ failure: 'ThrowawayUnavailable' });
      await container.ended;
      expect(container.leftovers()).toEqual([]);
    } finally {
      await container.remove();
    }
  });

  it('is not a pass when the point is not verified or not there', async () => {
    expect(await endOf(drill({ ...custom, point: '20250101T000000Z' }))).toMatchObject({ failure: 'PointMissing' });
    expect(outcomeOf('PointMissing')).toBe('could-not-run');
  });

  it('takes only points that the chain names when nothing keeps their programs away', async () => {
    const order = { isolation: 'trusted-dump-only' } as const;
    expect(await endOf(drill(custom, { order }))).toMatchObject({ failure: 'NotIsolated' });
    expect(outcomeOf('NotIsolated')).toBe('could-not-run');
  });
});

describe('a drill that is stopped', () => {
  it.each(sample(['retrieve', 'start-database', 'restore', 'checks'], 2))('in the phase %s leaves nothing', async (phase) => {
    const container = startContainer();
    const abort = new AbortController();
    const report = (event: string) => {
      if (event !== `Phase ${phase} starts`) return;
      const stop = () => abort.abort(new Error('told to stop'));
      // The checks of a small database are over sooner than any delay.
      if (phase === 'checks') stop();
      else setTimeout(stop, 30);
    };
    try {
      await expect(runDrill(orderOf(plain, container), portsOf(plain, { report }), abort.signal)).rejects.toThrow('told to stop');
      expect(await container.ended).toBe(0);
      expect(container.leftovers()).toEqual([]);
    } finally {
      await container.remove();
    }
  });

  it('ends by itself when its longest life is over', async () => {
    const container = startContainer({ lifeSeconds: 1 });
    expect(await container.ended).toBe(0);
    expect(container.output()).toContain('its longest life was over');
    await container.remove();
  });

  it('ends at once on SIGTERM', async () => {
    const container = startContainer();
    setTimeout(() => process.kill(-(container.child.pid ?? 0), 'SIGTERM'), 300);
    await container.ended;
    expect(container.output()).toContain('it was told to end');
    expect(container.leftovers().filter((name) => name !== 'stopped')).toEqual([]);
    await container.remove();
  });
});
