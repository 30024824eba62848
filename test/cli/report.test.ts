import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { DrillEvidence } from '../../core/drill/contract.ts';
import { parsePlan } from '../../core/plan/load.ts';
import { evidenceKey, signatureKey } from '../../core/vault/keys.ts';
import { restoreFailure, restoreResult } from '../core/restore/results.ts';
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
  expect(JSON.parse(stdout)).toMatchObject({
    system: world.system,
    colour: 'red',
    files: ['', '-plan'].map((end) => join('pages', `${world.system}${end}.html`)),
  });
  expect(page(join('pages', `${world.system}-plan.html`))).toContain('What proves it');
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

test('where AWS cannot be reached, the page of what was agreed is written all the same, and it is said why there is no other', async () => {
  const NOBODY = 'https://127.0.0.1:1';
  vi.stubEnv('AWS_ENDPOINT_URL', NOBODY);
  const { code, stdout } = await holdfastHere(['report', '--plan', world.plan, '--out', 'nobody', '--output', 'json'], {
    environment: { ...emulatorEnvironment(), AWS_ENDPOINT_URL: NOBODY },
    directory,
  });
  vi.unstubAllEnvs();
  const file = join('nobody', `${world.system}-plan.html`);
  expect(JSON.parse(stdout)).toMatchObject({ files: [file], failure: 'AwsUnreachable', problem: expect.stringContaining('had no answer') });
  expect(code).not.toBe(0);
  expect(page(file)).toContain('its vault was not looked at');
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

test('the page of what was agreed is published and opened as the other is, and neither stands in for the other', async () => {
  const before = await report('report', '--agreement', '--open');
  expect(before.stderr).toContain('report --agreement --publish');
  const { code, stdout } = await report('report', '--agreement', '--publish', '--open', '--out', 'agreed');
  const { published, link } = JSON.parse(stdout) as { published: string; link: string };
  expect([code, published]).toEqual([0, expect.stringMatching(/\/report-plan-\d{8}T\d{6}Z\.html$/)]);
  const answer = await fetch(link);
  expect([answer.status, await answer.text()]).toEqual([200, page(join('agreed', `${world.system}-plan.html`))]);
  const opened = async (...words: string[]) =>
    (JSON.parse((await report('report', ...words, '--open')).stdout) as { published: string }).published;
  expect(await opened('--agreement')).toBe(published);
  expect(await opened()).toMatch(/\/report-\d{8}T\d{6}Z\.html$/);
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

test('what the second region alone holds is told at home: a drill, a restore that makes a review due, and what keeps it from being read', async () => {
  const own = join(directory, 'both.yaml');
  const last = `last: { at: '${YEAR}-01-02T12:00:00Z', by: Both }`;
  writeFileSync(own, readFileSync(world.plan, 'utf8').replace('review: { period: P6M }', `review: { period: P2Y, ${last} }`));
  const on = async (...words: string[]) => {
    const { stdout } = await holdfastHere([...words, '--plan', own, '--output', 'json'], { environment: emulatorEnvironment(), directory });
    return JSON.parse(stdout) as {
      notes?: string[];
      reasons?: { kind: string; text: string }[];
      restores?: { run: string; from?: string }[];
    };
  };
  const runAt = (time: string) => `${YEAR}${time}Z-3fa9c1`;
  const restored = (run: string, finishedAt: string) =>
    restoreResult({
      system: world.system,
      point: POINT,
      run,
      startedAt: `${YEAR}-01-02T09:00:00.000Z`,
      finishedAt: `${YEAR}-01-${finishedAt}.000Z`,
    });
  const keep = (bucket: World['vault'], kind: string, { run, ...record }: { run: string } & Record<string, unknown>) =>
    bucket.writer.putOnce(evidenceKey(world.system, kind, run), JSON.stringify({ run, ...record }));
  expect((await on('plan', 'review')).reasons?.map(({ kind }) => kind)).toEqual([]);

  // One that began before another and ended after the review, behind one that began later and ended before it.
  const [short, long, taken, undo] = ['0102T100000', '0102T090000', '0103T090000', '0103T100000'].map(runAt);
  await keep(world.vault, 'restore-result', restored(short ?? '', '02T10:10:00'));
  await keep(world.vault, 'restore-result', restored(long ?? '', '02T15:00:00'));
  await keep(world.vault, 'restore-result', restored(taken ?? '', '03T09:30:00'));
  const undone = { ...restored(undo ?? '', '03T10:10:00'), format: 'holdfast/restore-follow-up/v1', action: 'undo', of: taken };
  await keep(world.vault, 'restore-undo', undone);
  const inReplica = runAt('0104T090000');
  await keep(world.replica, 'restore-result', restored(inReplica, '04T09:30:00'));
  const failures = [runAt('0104T100000'), runAt('0104T110000')] as const;
  for (const [index, bucket] of [world.vault, world.replica].entries())
    await keep(bucket, 'restore-failure', restoreFailure({ system: world.system, run: failures[index] ?? '', step: `Fail ${index}` }));
  const drill = JSON.parse(
    Buffer.from((await world.vault.reader.get({ key: evidenceKey(world.system, 'drill', SLOW_RUN) }))?.body ?? []).toString(),
  ) as DrillEvidence;
  const slow = { ...drill, run: runAt('0105T090000'), from: 'replica', judgedAt: `${YEAR}-01-05T09:00:00.000Z` };
  await keep(world.replica, 'drill', slow);

  const by = { arn: 'arn:aws:sts::000000000000:assumed-role/approver/ben', account: '000000000000', person: 'ben' };
  const decision = {
    format: 'holdfast/approval/v1',
    system: world.system,
    asset: 'postgres',
    run: inReplica,
    n: 1,
    outcome: 'approved',
    by,
    at: `${YEAR}-01-04T08:50:00.000Z`,
    requestSha256: 'ab'.repeat(32),
  };
  await world.replica.writer.putOnce(evidenceKey(world.system, 'approval', `${inReplica}-1`), JSON.stringify(decision));
  const reviewed = await on('plan', 'review');
  expect(reviewed.notes).toEqual([]);
  expect(reviewed.reasons?.map(({ kind, text }) => [kind, /\((.*)\)$/.exec(text)?.[1]])).toEqual([
    ['restore', long],
    ['restore', inReplica],
    ['drill', slow.run],
  ]);
  const measured = (await on('objectives')).restores;
  expect(measured?.find(({ run }) => run === inReplica)).toMatchObject({ from: 'replica' });
  for (const run of failures) expect(measured?.map((one) => one.run)).not.toContain(run);
  await on('report', '--out', 'both');
  const agreed = page(join('both', `${world.system}-plan.html`)).replaceAll(/<[^>]*>/g, ' ');
  expect(agreed).toMatch(new RegExp(`was restored from the replica vault\\s+evidence/\\S+\\s+${YEAR}-01-05`));
  expect(agreed).toMatch(new RegExp(`somebody approved\\s+evidence/\\S+\\s+${YEAR}-01-04\\s+08:50`));
  expect(agreed).toMatch(new RegExp(`was restored for real\\s+evidence/\\S+\\s+${YEAR}-01-04`));
  const shown = page(join('both', `${world.system}.html`));
  expect(shown).toContain(', from the replica vault');
  for (const index of failures.keys()) expect(shown).toContain(`Fail ${index} (<span class="id">TargetRefused</span>)`);

  // Home's records are copied to the second region: there they are found again, and count once.
  await world.replica.writer.putOnce(evidenceKey(world.system, 'drill', SLOW_RUN), JSON.stringify(drill));
  const history = await holdfastHere(['drill', 'history', '--plan', own, '--output', 'json'], { environment: emulatorEnvironment() });
  expect((JSON.parse(history.stdout) as { drills: DrillEvidence[] }).drills.map(({ run }) => run)).toEqual([slow.run, SLOW_RUN, RUN]);
  const wanted = ['--since', `${YEAR}-01-01`, '--until', `${YEAR}-01-31`, '--kind', 'drill', '--public-key', 'key.pem'];
  expect(await on('evidence', 'export', 'both-regions', ...wanted)).toMatchObject({ records: 3, readIn: ['vault', 'replica'], notes: [] });
  const index = page(join('both-regions', 'index.html'));
  expect(index.slice(index.indexOf('<tbody')).match(/the (?:replica )?vault/g)).toEqual(['the replica vault', 'the vault', 'the vault']);

  // A region in which nothing is deployed.
  writeFileSync(own, readFileSync(own, 'utf8').replace('replica: { region: eu-west-1 }', 'replica: { region: eu-west-3 }'));
  const unread = expect.stringContaining('Drills and restores that the second region held cannot be read');
  for (const verb of [['plan', 'review'], ['objectives'], ['status'], ['drill', 'history']])
    expect(await on(...verb), verb.join(' ')).toMatchObject({ notes: expect.arrayContaining([unread]) });
  await on('report', '--out', 'alone');
  const alone = page(join('alone', `${world.system}.html`)).replaceAll(/<[^>]*>/g, ' ');
  expect(alone).toMatch(/What was not looked at/);
  expect(alone).toMatch(/s3:\/\/\S+escrow\S+eu-west-3 does not exist: what it holds counts as not known/);
  expect(page(join('alone', `${world.system}-plan.html`))).not.toContain('its vault was not looked at');
  const half = expect.stringContaining('Evidence that the second region held cannot be read from here: `npx holdfast evidence export');
  expect(await on('evidence', 'export', 'one-region', ...wanted)).toMatchObject({ records: 2, readIn: ['vault'], notes: [half] });
  expect(page(join('one-region', 'index.html'))).toContain('Evidence that the second region held cannot be read from here');
});

test('a folder that cannot be made is told as wrong usage, and names what was asked for', async () => {
  await report('report', '--out', 'pages');
  const { code, stderr } = await report('report', '--out', join('pages', `${world.system}.html`));
  expect([code, stderr]).toEqual([expect.any(Number), expect.stringContaining('--out: pages')]);
  expect(code).not.toBe(0);
});
