import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DrillEvidence } from '../../core/drill/contract.ts';
import { evidenceKey } from '../../core/vault/keys.ts';
import { emulatorEnvironment, holdfastHere } from './run-holdfast.ts';
import { addFact, commitPoint, dumpSmallDatabase, makeWorld, type World } from './world.ts';

const YEAR = new Date().getUTCFullYear();
const POINT = `${YEAR}0101T020000Z`;
const RUN = `${YEAR}0101T020200Z-3fa9c1`;

let world: World;
const directory = mkdtempSync(join(tmpdir(), 'holdfast-report-'));

const report = (...words: string[]) =>
  holdfastHere([...words, '--plan', world.plan, '--output', 'json'], { environment: emulatorEnvironment(), directory });
const page = (name: string) => readFileSync(join(directory, name), 'utf8');

beforeAll(async () => {
  world = await makeWorld();
  // In this process the SDK reads the real environment.
  for (const [name, value] of Object.entries(emulatorEnvironment())) process.env[name] = value;
  await commitPoint(world, POINT, await dumpSmallDatabase());
  await addFact(world, POINT, RUN, { kind: 'verified', at: `${YEAR}-01-01T02:02:30.000Z`, bytesRead: 1, rows: [], largeObjects: 0 });
  const evidence = {
    format: 'holdfast/drill-evidence/v1',
    system: world.system,
    asset: 'postgres',
    run: RUN,
    execution: 'arn:aws:states:eu-central-1:000000000000:execution:drill:x',
    outcome: 'failed',
    reasons: ['a table is empty <script>'],
    point: POINT,
    from: 'vault',
    startedAt: `${YEAR}-01-01T02:03:00.000Z`,
    judgedAt: `${YEAR}-01-01T02:10:00.000Z`,
    objectives: { rpoSeconds: 3600, rtoSeconds: 3600 },
    measured: { target: 'ephemeral PostgreSQL 16', rtoSeconds: 77 },
  } satisfies DrillEvidence;
  await world.vault.writer.putOnce(evidenceKey(world.system, 'drill', RUN), JSON.stringify(evidence));
});
afterAll(() => {
  world.remove();
  rmSync(directory, { recursive: true });
});

test('report writes the page of the plan’s system, from what its vault holds', async () => {
  const { code, stdout, stderr } = await report('report', '--out', 'pages');
  expect([code, stderr]).toEqual([0, '']);
  expect(JSON.parse(stdout)).toMatchObject({ system: world.system, colour: 'red', files: [join('pages', `${world.system}.html`)] });
  const text = page(join('pages', `${world.system}.html`));
  expect(text).toContain(`<h1>${world.system}</h1>`);
  expect(text).toContain(POINT);
  expect(text).toContain('The last drill failed: a table is empty &lt;script&gt;');
  expect(text).not.toContain('<script');
  for (const title of [
    'Freshness against the RPO',
    'Time of drills against the RTO',
    'Runs of nine weeks',
    'Locks and replica',
    'Price of a month',
  ])
    expect(text).toContain(title);
});

test('a folder that cannot be made is told as wrong usage, and names what was asked for', async () => {
  await report('report', '--out', 'pages');
  const { code, stderr } = await report('report', '--out', join('pages', `${world.system}.html`));
  expect([code, stderr]).toEqual([expect.any(Number), expect.stringContaining('--out: pages')]);
  expect(code).not.toBe(0);
});
