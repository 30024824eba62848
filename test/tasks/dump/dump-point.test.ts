import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { attemptPrefix, manifestKey } from '../../../core/vault/keys.ts';
import { Manifest } from '../../../core/vault/manifest.ts';
import { dumpPoint } from '../../../tasks/dump/dump-point.ts';
import type { FreshDatabase } from '../../helpers/servers.ts';
import { freshDatabase } from '../../helpers/servers.ts';
import { assetPlan, loginTo, POINT, testPorts } from './ports.ts';

let source: FreshDatabase;
beforeAll(async () => {
  source = await freshDatabase('dump');
  const client = await source.connect();
  await client.query(`CREATE TABLE t AS SELECT i AS id, md5(i::text) AS text FROM generate_series(1, 20000) i`);
  await client.query(`SELECT lo_from_bytea(0, '\\x0102')`);
});
afterAll(() => source.drop());

const request = (over: Parameters<typeof assetPlan>[0] = {}) => ({
  system: 'sys',
  asset: assetPlan(over),
  point: POINT,
  attempt: '0001-1',
});

describe('dumpPoint', () => {
  it.each(['custom', 'plain'] as const)('commits a %s dump with what belongs to it', async (format) => {
    const ports = await testPorts(loginTo(source), inject('postgres').binDir);
    const { committed, manifest } = await dumpPoint(request({ format, schemaOnlyBeside: true }), ports);
    expect(committed).toBe(true);
    const stored = await ports.reader.get({ key: manifestKey('sys', 'db', POINT) });
    expect(Manifest.parse(JSON.parse(Buffer.from(stored?.body ?? []).toString()))).toEqual(manifest);
    expect(manifest.objects.map((o) => o.key.split('/').at(-1))).toEqual(['roles.json', 'settings.sql', 'schema.sql', 'dump-0001']);
    expect(readdirSync(ports.scratchDir)).toEqual([]);
    expect(manifest.objects[0]?.key.startsWith(attemptPrefix('sys', 'db', POINT, '0001-1'))).toBe(true);
  });
});
