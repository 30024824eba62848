/** What the plan asks of a restored database, before it takes the place of another: each way in which it can be wrong is made. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRecord } from '../../../../adapters/vault/read-records.ts';
import { PostgresAsset } from '../../../../core/plan/schema.ts';
import { Validation } from '../../../../core/plan/schema-validation.ts';
import { ValidatedPaper } from '../../../../core/restore/result.ts';
import { stagedDatabaseName } from '../../../../core/restore/target-names.ts';
import { parseJson } from '../../../../core/parse-json.ts';
import { restorePaperKey } from '../../../../core/vault/keys.ts';
import { connectToTestServer } from '../../../helpers/servers.ts';
import { SYSTEM, type MadePoint } from '../../drill/fixture.ts';
import { newRun, openSwapWorld, type SwapWorld } from './world.ts';

const EARLIER = '20260501T020000Z';
const NEVER = '20250101T020000Z';
/** Stands in every row of a table: nothing that is told or kept may have it. */
const PLANTED = 'planted.person@example.org';

let world: SwapWorld;
let point: MadePoint;

beforeAll(async () => {
  world = await openSwapWorld(`
    CREATE TABLE t AS SELECT 1 AS id;
    CREATE TABLE people (id int PRIMARY KEY, email text, age int);
    INSERT INTO people SELECT i, '${PLANTED}', 20 + i % 50 FROM generate_series(1, 300) i;
    CREATE TABLE log (at date NOT NULL) PARTITION BY RANGE (at);
    CREATE TABLE log_1 PARTITION OF log FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
    INSERT INTO log SELECT '2026-01-02' FROM generate_series(1, 40)`);
  const over = { restore: { secret: 'restores' } };
  const earlier = await world.point({ dump: { format: 'custom' }, over, point: EARLIER });
  const client = await connectToTestServer(world.database);
  await client.query(`INSERT INTO people SELECT i, '${PLANTED}', 30 FROM generate_series(301, 330) i`);
  await client.end();
  point = await world.point({ dump: { format: 'custom' }, over, vault: earlier });
  // What is checked below stands in the staged database: it is restored once.
  await world.phase(point, 'restore', { run: newRun() });
}, 90_000);
afterAll(() => world.close());

const validation = (asked: object) => ({ secret: 'restores', validation: Validation.parse(asked) });
const people = (over: object = {}) => ({ table: 'public.people', ...over });

/** Changes what was restored, as a restore that went wrong would have it, and puts it back. */
async function whileStaged<T>(defect: string, mend: string, work: () => Promise<T>): Promise<T> {
  const client = await connectToTestServer(stagedDatabaseName(world.database, point.point));
  try {
    await client.query(defect);
    return await work();
  } finally {
    await client.query(mend);
    await client.end();
  }
}

async function validated(asked: object, over: { defect?: [string, string]; point?: MadePoint } = {}) {
  const run = newRun();
  const from = over.point ?? point;
  const asset = PostgresAsset.parse({ ...from.asset, restore: validation(asked) });
  const work = () => world.failed({ ...from, asset }, 'validate', { run });
  const failed = await (over.defect ? whileStaged(...over.defect, work) : work());
  const record = await readRecord(from.reader, restorePaperKey(SYSTEM, asset.id, run, 'validated'));
  const paper = ValidatedPaper.parse(record && parseJson(record.body));
  return {
    failed,
    checks: paper.checks,
    unchecked: paper.unchecked,
    wrong: paper.checks.filter(({ outcome }) => outcome === 'failed'),
    text: JSON.stringify([failed, paper]),
  };
}

it.each([
  ['beside', /new database/],
  ['in-place', /^Nothing was replaced/],
  ['drop-and-create', /safety backup/],
  ['clean-replay', /safety backup/],
] as const)('a failed check of a restore (%s) says what is left, and nothing else', async (target, advice) => {
  const asset = PostgresAsset.parse({
    ...point.asset,
    restore: validation({ checks: [{ name: 'nobody', sql: 'SELECT count(*) FROM people', compare: '=', expect: 0 }] }),
  });
  const end = await world.failed({ ...point, asset }, 'validate', { run: newRun(), target });
  expect(end).toMatchObject({ failure: 'CheckFailed', advice: expect.stringMatching(advice) as string });
  if (target !== 'in-place') expect(end?.advice).not.toMatch(/nothing (was replaced|yet)/i);
});

describe('the plan’s checks of a restore', () => {
  it('pass with what the point has, and stand beside those of the drills', async () => {
    const { failed, checks, wrong } = await validated({
      checks: [{ name: 'people are there', sql: 'SELECT count(*) FROM people', compare: '>=', expect: 330 }],
      rowCounts: [people(), { table: 'public.log' }, people({ against: EARLIER, tolerancePercent: 10 })],
    });
    expect({ failed, wrong }).toEqual({ failed: undefined, wrong: [] });
    expect(checks.map(({ name, expected, measured }) => [name, expected, measured])).toEqual([
      ['rows of public.people', '330', '330'],
      ['rows of public.log', '40', '40'],
      ['rows of every other table', expect.stringContaining('as verified') as string, expect.stringContaining('as verified') as string],
      ['large objects', '0', '0'],
      ['rows', '>= 1', '1'],
      ['people are there', '>= 330', '330'],
      [`rows of public.people as in ${EARLIER}`, '300 ± 10 %', '330'],
    ]);
  });

  it.each<[string, object, [string, string] | undefined, string[]]>([
    [
      'a statement gives another number',
      { checks: [{ name: 'grown up', sql: 'SELECT count(*) FROM people WHERE age < 18', compare: '=', expect: 1 }] },
      undefined,
      ['grown up: 0, not = 1'],
    ],
    [
      'a statement cannot be run',
      { checks: [{ name: 'tenants', sql: 'SELECT count(*) FROM tenants', expect: 1 }] },
      undefined,
      ['tenants: SQLSTATE 42P01, not >= 1'],
    ],
    [
      'a statement gives what is no number, a row among them',
      { checks: [{ name: 'first', sql: 'SELECT email FROM people LIMIT 1', expect: 1 }] },
      undefined,
      ['first: not a number, not >= 1'],
    ],
    [
      'rows are missing',
      { rowCounts: [people()] },
      ['DELETE FROM people WHERE id = 7', `INSERT INTO people VALUES (7, '${PLANTED}', 27)`],
      ['rows of public.people: 329, not 330'],
    ],
    [
      'rows are missing of what the plan does not name',
      {},
      ['DELETE FROM log', `INSERT INTO log SELECT '2026-01-02' FROM generate_series(1, 40)`],
      ['rows of every other table: public.log_1: 0 instead of 40'],
    ],
    [
      'a table is missing',
      { rowCounts: [people()] },
      ['ALTER TABLE people RENAME TO persons', 'ALTER TABLE persons RENAME TO people'],
      ['rows of public.people: no such table, not 330'],
    ],
    [
      'it has more than an earlier point had',
      { rowCounts: [people({ against: EARLIER, tolerancePercent: 5 })] },
      undefined,
      [`rows of public.people as in ${EARLIER}: 330, not 300 ± 5 %`],
    ],
    [
      'the earlier point is gone',
      { rowCounts: [people({ against: NEVER })] },
      undefined,
      [
        `rows of public.people as in ${NEVER}: no such count: the point is gone, or was never verified, not what verify counted of ${NEVER}`,
      ],
    ],
  ])('fail when %s, with its name and number and no row, and touch nothing', async (_, asked, defect, expected) => {
    const before = [await world.whole(), await world.properties(), await world.names()];
    const { failed, wrong, text } = await validated(asked, defect ? { defect } : {});
    expect(failed).toMatchObject({ failure: 'CheckFailed' });
    for (const said of expected) expect(failed?.message).toContain(said);
    expect(wrong).toHaveLength(expected.length);
    expect(text).not.toContain(PLANTED);
    expect([await world.whole(), await world.properties(), await world.names()]).toEqual(before);
  });

  it('change nothing and hang nothing onto a statement', async () => {
    const defects = ['DELETE FROM people RETURNING 1', 'SELECT 1; COMMIT; DROP TABLE people', 'SELECT 1, 2', 'SELECT id FROM people'];
    const { wrong } = await validated({ checks: defects.map((sql, i) => ({ name: `check ${i}`, sql, compare: '=', expect: 1 })) });
    expect(wrong.map(({ measured }) => measured)).toEqual(['SQLSTATE 25006', 'SQLSTATE 42601', '2 columns', '330 rows']);
    expect((await validated({ rowCounts: [people()] })).failed).toBeUndefined();
  });

  it('say that a point was never counted, and look at what can be looked at', async () => {
    const uncounted = { ...point, reader: withoutFacts(point.reader) };
    const { failed, checks } = await validated({ rowCounts: [people()] }, { point: uncounted });
    expect(failed?.message).toContain(`rows of public.people as in ${point.point}: no such count`);
    expect(checks.map(({ kind, outcome }) => [kind, outcome])).toEqual([
      ['row-count', 'failed'],
      ['sql', 'passed'],
    ]);
  });

  it('are not made of a part of a point, and the paper says why', async () => {
    const run = newRun();
    const order = { selection: { tables: ['public.people'] } };
    await world.phase(point, 'validate', { run, target: 'beside', order });
    const record = await readRecord(point.reader, restorePaperKey(SYSTEM, point.asset.id, run, 'validated'));
    const paper = ValidatedPaper.parse(record && parseJson(record.body));
    expect(paper).toMatchObject({ checks: [], unchecked: expect.stringMatching(/^Only a part of the point was restored/) as string });
    expect((await validated({})).unchecked).toBeUndefined();
  });

  it('cannot be made when the server is gone: that is no verdict on the point', async () => {
    const asset = PostgresAsset.parse({
      ...point.asset,
      restore: validation({ checks: [{ name: 'slow', sql: 'SELECT count(*) FROM people, pg_sleep(60)', expect: 1 }] }),
    });
    const staged = stagedDatabaseName(world.database, point.point);
    const ended = world.failed({ ...point, asset }, 'validate', { run: newRun() });
    await expect
      .poll(
        async () =>
          (
            await world.admin.query(
              `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND query LIKE '%pg_sleep(60)%'`,
              [staged],
            )
          ).rowCount,
        { timeout: 60_000 },
      )
      .toBe(1);
    expect(await ended).toMatchObject({ failure: 'TargetUnreachable' });
  });
});

/** A point whose facts nobody can find any more. */
const withoutFacts = (reader: MadePoint['reader']): MadePoint['reader'] => ({
  ...reader,
  async *listVersions(prefix) {
    for await (const version of reader.listVersions(prefix)) if (!version.key.includes('/verified-')) yield version;
  },
});
