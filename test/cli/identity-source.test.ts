/** What the demo's application does after a rotation: later points hold nothing that the key of before opens. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, inject, test } from 'vitest';
import { makeIdentitySource } from '../../cli/demo/identity-source.ts';
import { openCanary } from '../../core/drill/canary.ts';
import { parsePlan } from '../../core/plan/load.ts';
import { connectToTestServer, uniqueSuffix } from '../helpers/servers.ts';

test('every share opens with the new key, and none with the old one', async () => {
  const suffix = uniqueSuffix();
  const names = { database: `anew_${suffix}`, reader: `reader_${suffix}`, restorer: `restorer_${suffix}`, tenant: `tenant_${suffix}` };
  const server = { ...inject('postgres'), stop: () => Promise.resolve() };
  const source = await makeIdentitySource(server, names, 0.001, new Date('2026-11-21T00:00:00Z'));
  const next = randomBytes(32).toString('hex');
  const canary = parsePlan(readFileSync('plans/ida.yaml', 'utf8'), 'ida.yaml').assets.flatMap((asset) =>
    asset.kind === 'postgres' ? asset.drill.canaries : [],
  )[0]!;
  const opens = (key: string, value: Uint8Array) => openCanary(canary, Buffer.from(key), value);
  const client = await connectToTestServer(names.database);
  try {
    expect(opens(source.keyHex, source.encrypted)).toBe('authenticated');
    await source.encryptAnew(next);
    const { rows } = await client.query<{ wallet_share: Buffer }>('SELECT wallet_share FROM wallets');
    expect(rows.length).toBeGreaterThan(1);
    expect(new Set(rows.map(({ wallet_share: share }) => opens(next, share)))).toEqual(new Set(['authenticated']));
    expect(new Set(rows.map(({ wallet_share: share }) => opens(source.keyHex, share)))).toEqual(new Set(['not authenticated']));
  } finally {
    await client.end();
  }
});
