import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshDatabase, type FreshDatabase } from '../../helpers/servers.ts';
import { drill, failedChecks, makePoint } from './fixture.ts';

let source: FreshDatabase;
beforeAll(async () => {
  source = await freshDatabase('drill');
  const client = await source.connect();
  await client.query(`
    CREATE TABLE t (id serial PRIMARY KEY, text text);
    INSERT INTO t (text) SELECT md5(i::text) FROM generate_series(1, 5000) i;
    CREATE TABLE log (at date NOT NULL, what text) PARTITION BY RANGE (at);
    CREATE TABLE log_1 PARTITION OF log FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
    CREATE TABLE log_2 PARTITION OF log FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
    INSERT INTO log SELECT '2026-01-15'::date + i % 30, 'x' FROM generate_series(1, 300) i;
    CREATE MATERIALIZED VIEW summary AS SELECT count(*) FROM t;
    SELECT lo_from_bytea(0, '\\x0102');
  `);
});
afterAll(() => source.drop());

describe('runDrill', () => {
  it.each(['custom', 'plain'] as const)('restores and proves a good point from a %s dump, and leaves nothing', async (format) => {
    const made = await makePoint(source, {
      dump: { format },
      drill: { rowCounts: [{ table: 'public.log', against: 'verified', tolerancePercent: 0 }] },
    });
    const end = await drill(made);
    expect(failedChecks(end)).toEqual([]);
    expect(end.failure).toBeUndefined();
    expect(end.result.checks.map((check) => check.kind)).toEqual([
      'bytes',
      'restore',
      'freshness',
      'row-count',
      'row-count',
      'large-objects',
      'sql',
    ]);
    expect(end.result.phases.map((phase) => phase.name)).toEqual([
      'retrieve',
      'check-bytes',
      'start-database',
      'restore',
      'checks',
      'keys',
      'remove',
    ]);
    expect(end.leftovers).toEqual([]);
  });
});
