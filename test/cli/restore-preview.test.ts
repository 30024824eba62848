/** What is said of a restore before anybody asks for it, of points that are there; and that nothing is started or written by it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Preview } from '../../cli/restore/preview.ts';
import { envelopeKey, escrowFactKey, factKey, manifestKey } from '../../core/vault/keys.ts';
import { emulatorEnvironment, holdfastHere } from './run-holdfast.ts';
import { addFact, commitPoint, dumpSmallDatabase, makeWorld, type World } from './world.ts';

const [PROVEN, NEWER] = ['20261120T020000Z', '20261121T020000Z'];
const KEY = 'wallet-encryption-key';
const fingerprint = 'ab'.repeat(32);
const openedBy = `${new Date(Date.now() - 3_600_000).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z-abcdef`;
let world: World;

beforeAll(async () => {
  world = await makeWorld();
  for (const [name, value] of Object.entries(emulatorEnvironment())) process.env[name] = value;
  writeFileSync(
    world.plan,
    readFileSync(world.plan, 'utf8').replace(
      /restore: \{ secret: (\S+) \}/,
      `restore:
      secret: $1
      approvals: { needed: 2, expiry: PT4H }
      quiesce: { steps: [{ name: api, kind: lambda, function: 'arn:aws:lambda:eu-central-1:000000000000:function:hold-the-api' }] }`,
    ),
  );
  const dumped = await dumpSmallDatabase();
  for (const point of [PROVEN, NEWER]) {
    await commitPoint(world, point, dumped, [{ key: KEY, fingerprint }]);
    await addFact(world, point, 'run', {
      kind: 'verified',
      at: '2026-11-21T02:02:30.000Z',
      bytesRead: 1,
      rows: [{ table: 'public.users', rows: 500 }],
      largeObjects: 0,
    });
  }
  for (const { writer } of [world.escrow, world.replicaEscrow]) {
    await writer.putOnce(envelopeKey(world.system, KEY, fingerprint), 'sealed');
    await writer.putOnce(escrowFactKey(world.system, KEY, fingerprint, 'readback', openedBy), '{}');
  }
  await addFact(world, PROVEN, 'drill', {
    kind: 'drilled',
    at: '2026-11-20T05:00:00.000Z',
    outcome: 'passed',
    rtoSeconds: 42,
    from: 'vault',
    evidence: 'evidence/x.json',
    reasons: [],
  });
});
afterAll(() => world.remove());

const preview = async (...words: string[]) => {
  const environment = { ...emulatorEnvironment(), PATH: process.env['PATH'] ?? '' };
  return holdfastHere(['restore', ...words, '--preview', '--plan', world.plan], { environment });
};
/** One that could start ends with 0, and one that could not as the restore itself would. */
const told = async (...words: string[]): Promise<Preview> => {
  const { code, stdout, stderr } = await preview(...words, '--output', 'json');
  const said = JSON.parse(stdout) as Preview;
  expect(code, stderr).toBe(said.problems.length === 0 ? 0 : 64);
  return said;
};
async function keys(): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of world.vault.reader.listVersions('')) found.push(key);
  return found;
}

describe('restore --preview', () => {
  it('says of one in place what is replaced, saved, stopped and kept, and who must agree, and writes nothing', async () => {
    const before = await keys();
    const said = await told('latest-proven', '--target', 'in-place');
    expect(said).toMatchObject({
      target: 'in-place',
      point: PROVEN,
      database: 'ida',
      databaseBytes: 9_000_000,
      provenAt: expect.any(String) as string,
      stops: ['api: the function hold-the-api stops what it is for'],
      approvals: {
        needed: 2,
        expirySeconds: 14_400,
        approvers: [`holdfast-${world.system}-approver`, 'ida-restore-approver'].map((role) => `arn:aws:iam::000000000000:role/${role}`),
      },
      problems: [],
    });
    expect(said.steps.join(' ')).toMatch(/safety backup.*swap.*undo/);
    const { stdout } = await preview('latest-proven', '--target', 'in-place');
    for (const text of [
      'which is not started by this',
      `2 of holdfast-${world.system}-approver, ida-restore-approver, within 4 h; never who asks, and one more where`,
      'how much is free is not known',
      'hold-the-api',
    ])
      expect(stdout).toContain(text);
    expect(await keys()).toEqual(before);
  });

  it('says of one beside that nothing is stopped and nobody has to agree', async () => {
    expect(await told('latest', '--to', 'ida_copy')).toMatchObject({
      target: 'beside',
      point: NEWER,
      database: 'ida_copy',
      stops: [],
      approvals: { needed: 0 },
      problems: [],
    });
  });

  it('says whose everything will be where nothing gets its owner back', async () => {
    expect((await told('latest-proven', '--target', 'in-place')).owners).toBeUndefined();
    const words = ['latest-proven', '--target', 'in-place', '--no-owner'];
    expect((await told(...words)).owners).toMatch(
      /everything will belong to the owner of the database, or to the login .* where that may not/,
    );
    expect((await preview(...words)).stdout).toMatch(/owners +nothing gets its owner back/);
    expect((await told('latest-proven', '--target', 'drop-and-create', '--no-owner')).owners).toMatch(
      /everything will belong to the owner of the database, or/,
    );
    expect((await told('latest-proven', '--target', 'clean-replay', '--no-owner')).owners).toMatch(
      /everything that the dump makes will belong to the owner of the database, or .*; what the dump does not have keeps its owner$/,
    );
    expect((await told('latest-proven', '--to', 'ida_beside', '--no-owner')).owners).toMatch(/will belong to the login of the restore$/);
  });

  it('says how far the data lies before an instant that was asked for', async () => {
    const words = ['2026-11-21T02:20:05Z', '--to', 'ida_as_of'];
    expect(await told(...words)).toMatchObject({ point: NEWER, asOf: expect.stringMatching(/20 min before it$/) as string });
    expect((await preview(...words)).stdout).toMatch(/as of +asked for as of 2026-11-21T02:20:05/);
    expect((await told('2026-11-21T02:00:04Z', '--to', 'x')).problems).toEqual([expect.stringMatching(/is as old as/) as string]);
  });

  it('says what would keep it from starting', async () => {
    const { problems } = await told('latest', '--target', 'clean-replay');
    expect(problems).toEqual([expect.stringMatching(/--clean and --if-exists/) as string]);
    expect((await told('20200101T000000Z', '--to', 'x')).problems).toHaveLength(1);
    expect((await preview('latest', '--watch', 'arn:x')).code).toBe(64);
    const partly = await preview('latest', '--target', 'in-place', '--table', 'public.users');
    expect([partly.code, partly.stderr]).toEqual([
      64,
      expect.stringContaining('--table does not go with --target in-place, which replaces the whole database, and everything but'),
    ]);
    for (const words of [
      ['20200101T000000Z', '--to', 'x'],
      ['latest', '--target', 'clean-replay'],
    ]) {
      const { stdout } = await preview(...words);
      expect(stdout).toContain('It could not start:');
      for (const text of ['It would:', 'not known\n']) expect(stdout).not.toContain(text);
    }
  });

  it('says what is taken where it is not everything, and that the server was not asked', async () => {
    const words = ['latest-proven', '--to', 'ida', '--table', 'public.users', '--table', 'nosuch.table', '--exclude', 'public.log'];
    const { stdout } = await preview(...words);
    for (const text of [
      'only public.users, nosuch.table and what they need, without public.log and what depends on it',
      'no rows of a table "nosuch.table"',
      'the whole point, of which less is restored',
      'at most 8.6 MiB more',
      'whether "ida" exists there already, which ends a restore beside (the source is called so too)',
    ])
      expect(stdout).toContain(text);
    expect((await told('latest-proven', '--to', 'x', '--table', 'public.users')).selected).toMatchObject({ rows: 500, unknown: [] });
    expect((await preview('latest-proven', '--to', 'x', '--schema-only')).stdout).toMatch(/room +next to none/);
    expect((await preview('latest-proven', '--target', 'in-place')).stdout).toMatch(/not asked +the target server: whether "ida" is there/);
  });

  it('says what a drill found of a point that it could not restore', async () => {
    const reasons = ['a value opens with wallet-encryption-key: not authenticated'];
    const drilled = { kind: 'drilled', at: '2026-11-21T05:00:00.000Z', outcome: 'failed', rtoSeconds: 1, from: 'vault' } as const;
    await addFact(world, NEWER, 'drill', { ...drilled, evidence: 'evidence/y.json', reasons });
    const { stdout } = await preview('latest', '--to', 'x');
    expect(stdout).toMatch(/proven +no: the drill of this point at .* failed: a value opens with wallet-.*`latest-proven`/);
    expect(stdout).not.toContain('no drill has restored this point');
  });

  // Last: what it puts there is the newest point.
  it('passes over a proven point whose manifest is damaged, as the restore does', async () => {
    const damaged = '20261121T050000Z';
    await world.vault.writer.putOnce(manifestKey(world.system, 'postgres', damaged), '{}');
    for (const kind of ['verified', 'drilled'] as const)
      await world.vault.writer.putOnce(factKey(world.system, 'postgres', damaged, kind, 'run'), '{}');
    expect(await told('latest-proven', '--target', 'in-place')).toMatchObject({ point: PROVEN, problems: [] });
  });
});
