/** A role that may not see every row must not make a point that looks whole. */
import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dumpPoint } from '../../tasks/dump/dump-point.ts';
import { uniqueSuffix } from '../helpers/servers.ts';
import { assetPlan, failureOf, leftovers, NOTHING, POINT, testPorts } from '../tasks/dump/ports.ts';
import { ownServer, type Server } from './servers.ts';
import { makeSource, type Source } from './source.ts';
import { rowSecurity } from './sources/rights.ts';
import { SMALL_SEGMENTS } from './ways.ts';

let server: Server;
let name: string;
let admin: Client;
const role = `reads_${uniqueSuffix()}`;
beforeAll(async () => {
  server = await ownServer();
  name = await server.create('row_security');
  admin = await server.connect(name);
  await makeSource(admin, rowSecurity satisfies Source, server.making);
  await admin.query(`CREATE ROLE ${role} LOGIN PASSWORD 'secret'; GRANT pg_read_all_data TO ${role}`);
});
afterAll(async () => {
  await admin.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
  await admin.end();
  await server.close();
});

async function dumpAsReader(format: 'custom' | 'segmented') {
  const ports = await testPorts({ ...server.login(name), user: role, password: 'secret' }, server.binDir, { limits: SMALL_SEGMENTS });
  const request = { system: 'sys', asset: assetPlan({ format }), point: POINT, attempt: '0001-1' };
  return { ports, work: dumpPoint(request, ports) };
}

describe.each(['custom', 'segmented'] as const)('a %s dump', (format) => {
  it('is refused, by the name of a table, to a role that may not bypass row security', async () => {
    await admin.query(`ALTER ROLE ${role} NOBYPASSRLS`);
    const { ports, work } = await dumpAsReader(format);
    expect(await failureOf(work)).toMatchObject({
      failure: 'SourceGrantMissing',
      object: expect.stringMatching(/forced|without_policy|parted|^p$|row_security\.p/) as string,
    });
    expect(await leftovers(ports.bucket, ports.scratchDir)).toEqual(NOTHING);
  });

  it('is made by one that may', async () => {
    await admin.query(`ALTER ROLE ${role} BYPASSRLS`);
    const { work } = await dumpAsReader(format);
    expect((await work).committed).toBe(true);
  });
});
