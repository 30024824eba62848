import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DrillEvidence } from '../../core/drill/contract.ts';
import { parsePlan } from '../../core/plan/load.ts';
import { evidenceKey, signatureKey } from '../../core/vault/keys.ts';
import { emulatorEnvironment, holdfastHere } from './run-holdfast.ts';
import { addFact, commitPoint, dumpSmallDatabase, makeWorld, type World } from './world.ts';

const YEAR = new Date().getUTCFullYear();
const POINT = `${YEAR}0101T020000Z`;
const RUN = `${YEAR}0101T020200Z-3fa9c1`;

const SLOW_RUN = `${YEAR}0102T020200Z-3fa9c1`;

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
  const slow = { ...evidence, run: SLOW_RUN, outcome: 'passed', reasons: [], measured: { ...evidence.measured, rtoSeconds: 7200 } };
  await world.vault.writer.putOnce(evidenceKey(world.system, 'drill', SLOW_RUN), JSON.stringify(slow));
  await world.vault.writer.putOnce(signatureKey(evidenceKey(world.system, 'drill', SLOW_RUN)), '{"payload":"forged"}');
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

test('of all plans, one that cannot be read is named with why, and keeps the page of no other from being made', async () => {
  mkdirSync(join(directory, 'plans'));
  writeFileSync(join(directory, 'plans', 'good.yaml'), readFileSync(world.plan));
  writeFileSync(join(directory, 'plans', 'gone.yaml'), readFileSync(world.plan, 'utf8').replaceAll(world.system, 'never-deployed'));
  writeFileSync(join(directory, 'plans', 'wrong.yaml'), 'version: 1');
  const words = ['report', '--all', '--out', 'all', '--output', 'json'];
  const { code, stdout } = await holdfastHere(words, { environment: emulatorEnvironment(), directory });
  expect(code).toBe(1);
  const { systems } = JSON.parse(stdout) as { systems: { system: string; colour?: string; problem?: string }[] };
  expect(systems.map(({ system, colour }) => [system, colour])).toEqual([
    ['never-deployed', undefined],
    [world.system, 'red'],
    [join('plans', 'wrong.yaml'), undefined],
  ]);
  const index = page(join('all', 'index.html'));
  expect(index).toContain(`<a href="${world.system}.html">${world.system}</a>`);
  expect(index).toContain('Not read');
  expect(existsSync(join(directory, 'all', `${world.system}.html`))).toBe(true);
});

test('a published page is opened by a link that needs no login, in the version that was published first', async () => {
  const before = await report('report', '--open');
  expect(before.code).not.toBe(0);
  expect(before.stderr).toContain('report --publish');
  const { code, stdout } = await report('report', '--publish', '--open', '--out', 'published');
  expect(code).toBe(0);
  const { published, link } = JSON.parse(stdout) as { published: string; link: string };
  expect(published).toMatch(new RegExp(`^evidence/${world.system}/${YEAR}/report-\\d{8}T\\d{6}Z\\.html$`));
  const answer = await fetch(link);
  expect([answer.status, await answer.text()]).toEqual([200, page(join('published', `${world.system}.html`))]);
  const again = JSON.parse((await report('report', '--open')).stdout) as { published: string; link: string };
  expect(again.published).toBe(published);
  expect((await fetch(again.link)).status).toBe(200);
});

test('drill history lists what was measured, and objectives proposes what the plan should say', async () => {
  const history = JSON.parse((await report('drill', 'history')).stdout) as { drills: DrillEvidence[] };
  expect(history.drills.map(({ run, outcome }) => [run, outcome])).toEqual([
    [SLOW_RUN, 'passed'],
    [RUN, 'failed'],
  ]);
  const failed = JSON.parse((await report('drill', 'history', 'postgres', '--failed')).stdout) as typeof history;
  expect(failed.drills.map(({ run }) => run)).toEqual([RUN]);
  expect((JSON.parse((await report('drill', 'history', '--limit', '1')).stdout) as typeof history).drills).toHaveLength(1);

  const { code, stdout } = await report('objectives');
  expect(code).toBe(1);
  const { objectives } = JSON.parse(stdout) as { objectives: { objective: string; verdict: string; proposed?: string }[] };
  expect(objectives.find(({ objective }) => objective === 'rto')).toMatchObject({
    verdict: 'missed',
    stated: 'PT1H',
    slowest: 7200,
    proposed: 'PT3H',
  });
  const { stdout: text } = await holdfastHere(['objectives', '--plan', world.plan], { environment: emulatorEnvironment() });
  expect(text).toMatch(/^-\s+objectives: \{ rpo: PT1H, rto: PT1H \}$/m);
  expect(text).toContain(`rto: PT3H, measured: { rto: { seconds: 7200, drill: ${SLOW_RUN}, was: PT1H } } }`);
});

test('a target that a drill missed is replaced in the plan, and is amber until somebody accepts it', async () => {
  const own = join(directory, 'own.yaml');
  const shipped = readFileSync(world.plan, 'utf8');
  writeFileSync(own, shipped);
  const on = (...words: string[]) =>
    holdfastHere([...words, '--plan', own, '--output', 'json'], { environment: emulatorEnvironment(), directory });
  const reasons = async () => {
    const { assets } = JSON.parse((await on('list')).stdout) as { assets: { asset: string; reasons: string[] }[] };
    return assets.find(({ asset }) => asset === 'postgres')?.reasons.filter((reason) => reason.includes('RTO')) ?? [];
  };
  expect(await reasons()).toEqual([expect.stringContaining('The measured RTO of 2 h is over the 1 h that are stated')]);

  const written = await on('objectives', '--write');
  expect(written.code).toBe(1);
  expect(
    readFileSync(own, 'utf8')
      .split('\n')
      .filter((line, i) => line !== shipped.split('\n')[i]),
  ).toHaveLength(1);
  expect(await reasons()).toEqual([expect.stringContaining('The RTO became PT3H, since a drill measured 2 h; nobody has accepted it yet')]);
  const open = JSON.parse((await on('objectives')).stdout) as { objectives: { objective: string; verdict: string }[]; diff: string };
  expect(open).toMatchObject({ diff: '', objectives: [{ objective: 'rpo' }, { objective: 'rto', verdict: 'unaccepted' }] });

  expect((await on('objectives', '--accepted-by', 'Owner')).code).not.toBe(0);
  expect((await on('objectives', '--write', '--accepted-by', 'Owner: the bank')).code).toBe(0);
  expect(parsePlan(readFileSync(own, 'utf8'), own).assets[0]?.objectives).toMatchObject({
    rto: 'PT3H',
    measured: { rto: { seconds: 7200, drill: SLOW_RUN, was: 'PT1H' } },
    accepted: { rto: { seconds: 7200, by: 'Owner: the bank' } },
  });
  expect(await reasons()).toEqual([]);
  expect((await on('objectives')).code).toBe(0);
});

test('a review of the plan is due after a drill that took longer, once one was held before it', async () => {
  const own = join(directory, 'reviewed.yaml');
  const last = `last: { at: '${YEAR}-01-01T00:00:00Z', by: Both }`;
  writeFileSync(own, readFileSync(world.plan, 'utf8').replace('review: { period: P6M }', `review: { period: P2Y, ${last} }`));
  const { code, stdout } = await holdfastHere(['plan', 'review', '--plan', own, '--output', 'json'], {
    environment: emulatorEnvironment(),
    directory,
  });
  expect([code, JSON.parse(stdout)]).toMatchObject([
    1,
    { isDue: true, notes: [], reasons: [{ kind: 'drill', text: expect.stringContaining(SLOW_RUN) }] },
  ]);
});

test('evidence export writes each record of the time with a page, and tells signatures that are not there or do not hold', async () => {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  writeFileSync(join(directory, 'key.pem'), publicKey.export({ type: 'spki', format: 'pem' }));
  const { code, stdout, stderr } = await report('evidence', 'export', 'exported', '--since', `${YEAR}-01-01`, '--public-key', 'key.pem');
  expect([code, stderr]).toEqual([1, '']);
  expect(JSON.parse(stdout)).toMatchObject({ records: 2, unsigned: 1, invalid: 1, unknown: 0 });
  const key = evidenceKey(world.system, 'drill', RUN);
  const stored = await world.vault.reader.get({ key });
  expect(readFileSync(join(directory, 'exported', key))).toEqual(Buffer.from(stored?.body ?? []));
  expect(page(join('exported', key.replace('.json', '.html')))).toContain('a table is empty &lt;script&gt;');
  expect(page(join('exported', 'index.html'))).toContain(key.replace('.json', '.html'));
  const none = await report('evidence', 'export', 'none', '--since', '2001-01-01', '--until', '2001-12-31', '--public-key', 'key.pem');
  expect(JSON.parse(none.stdout)).toMatchObject({ records: 0 });
  expect((await report('evidence', 'export', 'exported', '--public-key', 'key.pem')).stderr).toContain('exists already');
  // The page that was published above is no evidence, and nothing foreign.
  const { problems } = JSON.parse((await report('evidence', 'verify', '--public-key', 'key.pem')).stdout) as {
    problems: { kind: string; key: string }[];
  };
  expect(problems.some(({ kind }) => kind === 'signature-invalid')).toBe(true);
  expect(problems.filter(({ key }) => key.endsWith('.html'))).toEqual([]);
});

test('a folder that cannot be made is told as wrong usage, and names what was asked for', async () => {
  await report('report', '--out', 'pages');
  const { code, stderr } = await report('report', '--out', join('pages', `${world.system}.html`));
  expect([code, stderr]).toEqual([expect.any(Number), expect.stringContaining('--out: pages')]);
  expect(code).not.toBe(0);
});
