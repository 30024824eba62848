import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DrillEvidence } from '../../core/drill/contract.ts';
import { evidenceKey } from '../../core/vault/keys.ts';
import { emulatorEnvironment, holdfastHere } from './run-holdfast.ts';
import { makeWorld, type World } from './world.ts';

const YEAR = new Date().getUTCFullYear();
const RUN = `${YEAR}0102T020200Z-3fa9c1`;

let world: World;
const directory = mkdtempSync(join(tmpdir(), 'holdfast-objectives-'));
const own = join(directory, 'own.yaml');
const text = () => readFileSync(own, 'utf8');

const on = async (...words: string[]) => {
  const { code, stdout, stderr } = await holdfastHere([...words, '--plan', own, '--output', 'json'], {
    environment: emulatorEnvironment(),
    directory,
  });
  return { code, stderr, answer: JSON.parse(stdout || '{}') as Record<string, unknown> };
};
/** The plan of the database, with more beside its objectives. */
const write = (change: (plan: string) => string) => writeFileSync(own, change(readFileSync(world.plan, 'utf8')));
const STATED = 'objectives: { rpo: PT1H, rto: PT1H }';

beforeAll(async () => {
  world = await makeWorld();
  for (const [name, value] of Object.entries(emulatorEnvironment())) process.env[name] = value;
  const slow = {
    format: 'holdfast/drill-evidence/v1',
    system: world.system,
    asset: 'postgres',
    run: RUN,
    execution: 'arn:aws:states:eu-central-1:000000000000:execution:drill:x',
    outcome: 'passed',
    reasons: [],
    point: `${YEAR}0101T020000Z`,
    from: 'vault',
    startedAt: `${YEAR}-01-02T02:03:00.000Z`,
    judgedAt: `${YEAR}-01-02T05:00:00.000Z`,
    objectives: { rpoSeconds: 3600, rtoSeconds: 3600 },
    measured: { target: 'ephemeral PostgreSQL 16', rtoSeconds: 10_000 },
  } satisfies DrillEvidence;
  await world.vault.writer.putOnce(evidenceKey(world.system, 'drill', RUN), JSON.stringify(slow));
});
afterAll(() => {
  world.remove();
  rmSync(directory, { recursive: true });
});

test('a target that the plan would contradict itself by is shown with the error, and never written', async () => {
  // The RTO has a warning already, at the very place of the error to come: it does not fit what is expected.
  write((plan) =>
    plan
      .replace(/sizeGiB: \d+/, 'sizeGiB: 1000')
      .replace(STATED, `${STATED}\n    tier: { size: small }`)
      .replace('\nassets:', '\ntiers: { size: [{ name: small, mostObjects: 1000, rtoSameHost: PT1H, rtoNewHost: PT1H }] }\nassets:'),
  );
  const before = text();
  for (const words of [['--write'], ['--write', '--accepted-by', 'Owner']]) {
    const { code, answer } = await on('objectives', ...words);
    expect(code).toBe(1);
    expect(answer).toMatchObject({
      written: false,
      problems: [{ path: 'assets[postgres].objectives.rto', problem: expect.stringContaining('The tier small promises an RTO of PT1H') }],
    });
    expect(text()).toBe(before);
  }
  const { stdout } = await holdfastHere(['objectives', '--write', '--plan', own], { environment: emulatorEnvironment() });
  expect(stdout).toContain('Nothing was written: such a plan cannot be deployed');
});

test('a plan that was reviewed is not due again for a target that was accepted, and stays due for anything else', async () => {
  write((plan) => plan);
  // The drill was before this review, so that nothing but the plan's text can make another one due.
  await on('plan', 'review', '--done', '--by', 'Both');
  const isDue = async () => (await on('plan', 'review')).answer['isDue'];
  expect(await isDue()).toBe(false);

  expect((await on('objectives', '--write')).code).toBe(1);
  expect(text()).toContain('rto: PT4H');
  expect(await isDue()).toBe(false);
  expect((await on('objectives', '--write', '--accepted-by', 'Owner')).code).toBe(0);
  const again = await holdfastHere(['objectives', '--write', '--accepted-by', 'Owner', '--plan', own], {
    environment: emulatorEnvironment(),
  });
  expect([again.code, again.stdout]).toEqual([0, expect.stringContaining('Nothing was written: the plan says all of what')]);
  expect(await isDue()).toBe(false);

  writeFileSync(own, text().replace('rto: PT4H', 'rto: PT5H'));
  expect(await isDue()).toBe(true);

  // Changed by hand and not looked at: what is accepted besides does not hide it.
  write((plan) => plan);
  await on('plan', 'review', '--done', '--by', 'Both');
  writeFileSync(own, text().replace('period: P3M', 'period: P4M'));
  expect((await on('objectives', '--write', '--accepted-by', 'Owner')).answer['written']).toBe(true);
  expect(await isDue()).toBe(true);
});
