import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, it } from 'vitest';
import { openBucket } from '../../../adapters/s3/bucket.ts';
import { DrillEvidence, type DrillResult } from '../../../core/drill/contract.ts';
import type { Verdict } from '../../../core/drill/judge.ts';
import { evidenceKey, factKey, manifestKey } from '../../../core/vault/keys.ts';
import { Fact } from '../../../core/vault/facts.ts';
import type { Manifest } from '../../../core/vault/manifest.ts';
import { NO_NEEDS } from '../../../core/restore/key-needs.ts';
import { choosePoint } from '../../../functions/drill/choose-point.ts';
import { judgeDrill } from '../../../functions/drill/judge-drill.ts';
import { checkRequest } from '../../../functions/restore/check-request.ts';
import { tellable } from '../../../functions/edge.ts';
import { freshBucket, rootS3, rootSettings } from '../../helpers/servers.ts';

const EXECUTION = 'arn:aws:states:eu-central-1:000000000000:execution:holdfast-sys-drill:e1';
const STARTED = '2026-06-05T04:00:00Z';
const RUN = /^20260605T040000Z-[0-9a-f]{6}$/;

const openFresh = async () => {
  const bucket = await freshBucket({ name: 'drill' });
  const { reader, writer } = openBucket(bucket, rootSettings(), { AWS_ENDPOINT_URL: rootSettings().endpointUrl });
  return { ...reader, ...writer };
};
type Vault = Awaited<ReturnType<typeof openFresh>>;

const manifestOf = (point: string, consistentAt = '2026-06-01T02:00:01.000Z'): Manifest => ({
  format: 'holdfast/manifest/v1',
  system: 'sys',
  asset: 'db',
  point,
  slot: point,
  attempt: '0001-1',
  startedAt: '2026-06-01T02:00:00.000Z',
  consistentAt,
  finishedAt: '2026-06-01T02:00:02.000Z',
  source: {
    engine: 'postgres',
    version: '16.4',
    database: 'Identity "db"',
    encoding: 'UTF8',
    collate: 'C',
    ctype: 'C',
    localeProvider: 'libc',
    sizeBytes: 1,
    extensions: [],
  },
  dump: { format: 'custom', compression: 'gzip', options: [] },
  tools: { holdfast: '0', pgDump: '16.4', node: '24' },
  objects: [
    { role: 'dump', key: 'data/x', versionId: 'v', sizeBytes: 0, sha256: '0'.repeat(64), crc: { algorithm: 'CRC32', value: 'AAAAAA==' } },
  ],
  keys: [],
});

async function commit(vault: Vault, point: string, kinds: ('verified' | 'replicated')[], consistentAt?: string) {
  await vault.putOnce(manifestKey('sys', 'db', point), JSON.stringify(manifestOf(point, consistentAt)));
  for (const kind of kinds) await vault.putOnce(factKey('sys', 'db', point, kind, 'run'), '{}');
}

let vault: Vault;
let replica: Vault;
beforeAll(async () => {
  [vault, replica] = await Promise.all([openFresh(), openFresh()]);
  await commit(vault, '20260601T020000Z', ['verified', 'replicated']);
  await commit(vault, '20260602T020000Z', ['verified']);
  await commit(vault, '20260603T020000Z', []);
  await commit(replica, '20260601T020000Z', ['verified', 'replicated']);
  await commit(replica, '20260602T020000Z', ['verified']);
});

describe('choosePoint', () => {
  const choose = (input: unknown, over = {}) =>
    choosePoint(
      { input, execution: EXECUTION, startedAt: STARTED },
      { system: 'sys', assets: ['db', 'other'], vault, escrow: vault, needs: NO_NEEDS, from: 'vault', ...over },
    );
  const inReplica = () => ({ vault: replica, from: 'replica' as const });

  it('takes the newest verified point of the vault', async () => {
    expect(await choose({ asset: 'db' })).toEqual({
      found: true,
      system: 'sys',
      asset: 'db',
      point: '20260602T020000Z',
      run: expect.stringMatching(RUN) as string,
      from: 'vault',
      isNewest: true,
    });
  });
  it('takes the newest point from before the damage of a scenario, and hands its name on', async () => {
    const scenarios = {
      late: { assets: ['db'], from: 'vault' as const, noticedAfterSeconds: 302_400 },
      later: { assets: ['db'], from: 'vault' as const, noticedAfterSeconds: 1e7 },
    };
    const play = (scenario: string) =>
      choosePoint(
        { input: { asset: 'db', scenario }, execution: EXECUTION, startedAt: STARTED, scenarios },
        { system: 'sys', assets: ['db', 'other'], vault, escrow: vault, needs: NO_NEEDS, from: 'vault' },
      );
    expect(await play('late')).toMatchObject({
      found: true,
      point: '20260601T020000Z',
      scenario: 'late',
      isNewest: false,
      damagedAt: '2026-06-01T16:00:00.000Z',
    });
    expect(await play('later')).toMatchObject({
      found: false,
      scenario: 'later',
      reason: expect.stringContaining('is from before') as string,
    });
    await expect(play('burnt')).rejects.toThrow("none of the name 'burnt', but late, later");
  });
  it('goes by the data of a point, not by the slot that it is for', async () => {
    const own = await openFresh();
    await commit(own, '20260603T000000Z', ['verified'], '2026-06-03T00:40:00.000Z');
    await commit(own, '20260602T000000Z', ['verified'], '2026-06-02T00:40:00.000Z');
    const damaged = (noticedAfterSeconds: number, point?: string) =>
      choosePoint(
        {
          input: { asset: 'db', scenario: 'late', ...(point === undefined ? {} : { point }) },
          execution: EXECUTION,
          startedAt: STARTED,
          scenarios: { late: { assets: ['db'], from: 'vault' as const, noticedAfterSeconds } },
        },
        { system: 'sys', assets: ['db'], vault: own, escrow: own, needs: NO_NEEDS, from: 'vault' },
      );
    const sinceThird = (minutes: number) => 52 * 3600 - minutes * 60;
    expect(await damaged(sinceThird(41))).toMatchObject({ found: true, point: '20260603T000000Z', isNewest: true });
    // The slot is from before the damage of 00:20, and what was dumped 20 minutes later has it.
    expect(await damaged(sinceThird(20))).toMatchObject({ found: true, point: '20260602T000000Z', isNewest: false });
    expect(await damaged(sinceThird(20), '20260603T000000Z')).toMatchObject({
      found: false,
      reason: expect.stringContaining('is of 2026-06-03T00:40:00.000Z, and the damage of 2026-06-03T00:20:00.000Z is in it') as string,
    });
    expect(await damaged(76 * 3600 - 20 * 60)).toMatchObject({
      found: false,
      reason: expect.stringContaining('No point in the vault that can be restored is from before 2026-06-02T00:20:00.000Z') as string,
    });
  });
  it('takes the newest replicated and verified point of the replica', async () => {
    for (const input of [{ asset: 'db' }, { asset: 'db', from: 'replica' }])
      expect(await choose(input, inReplica())).toMatchObject({ found: true, point: '20260601T020000Z', from: 'replica' });
  });
  it('says which machine drills from the other vault', async () => {
    await expect(choose({ asset: 'db', from: 'replica' })).rejects.toThrow(
      /from the vault alone; that of the replica's region.*--from replica/,
    );
    await expect(choose({ asset: 'db', from: 'vault' }, inReplica())).rejects.toThrow(/from the replica alone; that of the home region/);
  });
  it('takes the point that was named, and says why it cannot', async () => {
    expect(await choose({ asset: 'db', point: '20260601T020000Z' })).toMatchObject({
      found: true,
      point: '20260601T020000Z',
      isNewest: false,
    });
    const unverified = await choose({ asset: 'db', point: '20260603T020000Z' });
    expect(unverified).toMatchObject({ found: false, reason: expect.stringContaining('is not verified') as string });
    expect(unverified).toMatchObject({ reason: expect.stringContaining('20260602T020000Z, 20260601T020000Z') as string });
    expect(await choose({ asset: 'db', point: '20200101T000000Z' })).toMatchObject({
      found: false,
      reason: expect.stringContaining('There is no point') as string,
    });
    expect(await choose({ asset: 'db', point: '20260602T020000Z' }, inReplica())).toMatchObject({
      found: false,
      reason: expect.stringContaining('not wholly replicated') as string,
    });
  });
  it('says that there is none', async () => {
    expect(await choose({ asset: 'other' })).toMatchObject({ found: false, asset: 'other', reason: 'There is no point in the vault yet' });
  });
  it('finds a point that somebody hid', async () => {
    const own = await openFresh();
    await commit(own, '20260604T020000Z', ['verified']);
    const s3 = rootS3();
    await s3.send(new DeleteObjectCommand({ Bucket: own.bucket, Key: manifestKey('sys', 'db', '20260604T020000Z') }));
    s3.destroy();
    expect(await choose({ asset: 'db' }, { vault: own })).toMatchObject({ found: true, point: '20260604T020000Z' });
  });
  it.each([
    [null],
    [{}],
    [{ asset: 'nope' }],
    [{ asset: 'db', point: 'yesterday' }],
    [{ asset: 'db', from: 'tape' }],
    [{ asset: 'db', extra: 1 }],
    ['db'],
  ])('answers %j with what is wrong and what is possible', async (input) => {
    const told = await choose(input).then(() => undefined, tellable);
    expect(told?.name).toBe('BadInput');
    expect(told?.message).toContain('Possible assets: db, other');
  });
});

const result: DrillResult = {
  format: 'holdfast/drill-result/v1',
  system: 'sys',
  asset: 'db',
  point: '20260602T020000Z',
  run: 'x',
  from: 'vault',
  startedAt: '2026-06-05T04:00:10.000Z',
  finishedAt: '2026-06-05T04:05:00.000Z',
  manifestSha256: '0'.repeat(64),
  consistentAt: '2026-06-05T03:00:10.000Z',
  phases: [
    { name: 'retrieve', seconds: 10 },
    { name: 'restore', seconds: 100.5 },
    { name: 'remove', seconds: 7 },
  ],
  checks: [
    { name: 'restore', kind: 'restore', outcome: 'passed', expected: 'no error', measured: 'no error' },
    { name: 'rows', kind: 'sql', outcome: 'passed', expected: '>= 1', measured: '5' },
  ],
  bytesRestored: 5,
  isolation: 'own-uid',
  serverVersion: '16.4',
  notes: [],
};
const stoppedTask = (exitCode: number) => ({
  Error: 'States.TaskFailed',
  Cause: JSON.stringify({ StopCode: 'EssentialContainerExited', StoppedReason: 'x', Containers: [{ Name: 'runner', ExitCode: exitCode }] }),
});

describe('judgeDrill', () => {
  const objectives = { rpoSeconds: 3600, rtoSeconds: 100 };
  let n = 0;
  const judge = async (written: DrillResult | undefined, over: object = {}) => {
    const run = `20260605T04000${n++}Z-aaaaaa`;
    if (written) await vault.putOnce(evidenceKey('sys', 'drill-result', run), JSON.stringify({ ...written, run }));
    const published: Verdict[] = [];
    const answer = await judgeDrill(
      {
        system: 'sys',
        asset: 'db',
        run,
        execution: EXECUTION,
        startedAt: STARTED,
        point: '20260602T020000Z',
        from: 'vault',
        objectives,
        ...over,
      },
      {
        vault,
        now: () => new Date('2026-06-05T04:06:00Z'),
        publish: (_, verdict) => published.push(verdict),
      },
    );
    const body = await vault.get({ key: answer.evidence });
    const evidence = DrillEvidence.parse(JSON.parse(Buffer.from(body?.body ?? []).toString()));
    const fact = await vault.get({ key: factKey('sys', 'db', '20260602T020000Z', 'drilled', run) });
    return { answer, evidence, fact: fact && Fact.parse(JSON.parse(Buffer.from(fact.body).toString())), published, run };
  };

  it('passes what ran and found nothing, with what was measured', async () => {
    const { answer, evidence, fact, published, run } = await judge(result);
    expect(answer).toMatchObject({ outcome: 'passed', evidence: evidenceKey('sys', 'drill', run) });
    expect(answer.keys).toEqual([
      evidenceKey('sys', 'drill', run),
      evidenceKey('sys', 'drill-result', run),
      factKey('sys', 'db', '20260602T020000Z', 'drilled', run),
    ]);
    expect(evidence.measured).toMatchObject({ rpoSeconds: 3600, rtoSeconds: 110.5 });
    expect(evidence.reasons).toEqual(['All 2 checks passed', 'Measured RTO 111 s is over the objective of 100 s']);
    expect(fact).toMatchObject({ kind: 'drilled', outcome: 'passed', rtoSeconds: 110.5 });
    expect(published).toHaveLength(1);
  });
  it('says of a point that was not the newest how old its data was, and measures no RPO by it', async () => {
    const damagedAt = '2026-06-05T03:30:10.000Z';
    const { evidence, published } = await judge(result, { isNewest: false, scenario: 'late', damagedAt });
    expect(evidence).toMatchObject({ isNewest: false, damagedAt, measured: { dataAgeSeconds: 3600, lossSeconds: 1800 } });
    expect(evidence.measured).not.toHaveProperty('rpoSeconds');
    // What metrics are made of.
    expect(published[0]?.measured.rpoSeconds).toBeUndefined();
    expect(published[0]?.measured.rtoSeconds).toBe(110.5);
  });
  it('records what the plan states of people beside what was measured, and says which is which', async () => {
    const { evidence } = await judge({ ...result, stated: { approvalSeconds: 600, followUpSeconds: 1440 } });
    expect(evidence.times).toEqual({
      approvalSeconds: 600,
      retrievalSeconds: 10,
      restoreSeconds: 100.5,
      validationSeconds: 0,
      followUpSeconds: 1440,
    });
    expect(evidence.stated).toEqual(['approvalSeconds', 'followUpSeconds']);
    expect(evidence.measured.rtoSeconds).toBe(110.5);
    expect((await judge(result)).evidence).not.toHaveProperty('stated');
  });
  it('fails what a check found, and tells the point', async () => {
    const failing: DrillResult = {
      ...result,
      checks: [...result.checks, { name: 'rows of t', kind: 'row-count', outcome: 'failed', expected: '5', measured: '4' }],
    };
    const { answer, fact } = await judge(failing, { error: stoppedTask(50) });
    expect(answer).toMatchObject({ outcome: 'failed', reasons: ['rows of t: expected 5, measured 4'] });
    expect(fact).toMatchObject({ outcome: 'failed' });
  });
  it.each([
    [30, 'failed'],
    [40, 'failed'],
    [60, 'failed'],
    [20, 'could-not-run'],
    [21, 'could-not-run'],
    [31, 'could-not-run'],
    [44, 'could-not-run'],
    [45, 'could-not-run'],
    [46, 'could-not-run'],
    [78, 'could-not-run'],
    [1, 'could-not-run'],
  ])('judges exit code %i without a result as %s', async (exitCode, outcome) => {
    const { answer, fact } = await judge(undefined, { error: stoppedTask(exitCode) });
    expect(answer.outcome).toBe(outcome);
    expect(fact === undefined).toBe(outcome === 'could-not-run');
  });
  it('never passes a drill that could not run', async () => {
    expect(
      (await judge(undefined, { reason: 'There is no point in the vault yet', point: undefined, from: undefined })).answer,
    ).toMatchObject({ outcome: 'could-not-run', reasons: ['There is no point in the vault yet'] });
    expect((await judge(undefined)).answer.outcome).toBe('could-not-run');
    expect((await judge(result, { error: { Error: 'States.Timeout', Cause: '' } })).answer.outcome).toBe('could-not-run');
    expect((await judge({ ...result, checks: [] })).answer.outcome).toBe('could-not-run');
  });
});

describe('checkRequest', () => {
  const check = (input: unknown, over = {}) =>
    checkRequest(
      { input, execution: EXECUTION, startedAt: STARTED },
      { system: 'sys', assets: ['db', 'other'], vault, escrow: vault, needs: NO_NEEDS, from: 'vault', ...over },
    );

  it('takes of the replica what is wholly there, and asks each region for its own vault', async () => {
    const inReplica = { vault: replica, from: 'replica' };
    expect(await check({ asset: 'db', point: 'latest', from: 'replica' }, inReplica)).toMatchObject({
      accepted: true,
      point: '20260601T020000Z',
    });
    expect(await check({ asset: 'db', point: '20260602T020000Z' }, inReplica)).toMatchObject({
      accepted: false,
      message: expect.stringContaining('not wholly replicated') as string,
    });
    expect(await check({ asset: 'db', from: 'replica' })).toMatchObject({
      accepted: false,
      message: expect.stringContaining('from the vault alone') as string,
    });
  });

  it('takes the newest verified point and makes a name up', async () => {
    const accepted = {
      accepted: true,
      system: 'sys',
      action: 'restore',
      asset: 'db',
      point: '20260602T020000Z',
      run: expect.stringMatching(RUN) as string,
      target: 'beside',
      database: 'identity_db_20260602t020000z',
      selection: {},
      of: '',
      quiesce: false,
      validate: false,
      details: [],
    };
    expect(await check({ system: 'sys', asset: 'db', point: 'latest' })).toEqual(accepted);
    const selection = { tables: ['public.users'], exclude: ['public."Odd name"'], schemaOnly: true };
    expect(await check({ asset: 'db', point: 'latest', ...selection })).toEqual({
      ...accepted,
      selection,
      details: [
        'only these tables, and what they need: public.users',
        'these tables, and what depends on them, are left out: public."Odd name"',
        'no rows, large objects or values of sequences: the database will be empty',
      ],
    });
    expect(await check({ asset: 'db', point: 'latest', noOwner: true, noPrivileges: true, withoutKeys: true })).toMatchObject({
      details: [
        expect.stringContaining('everything will belong to the login of the restore') as string,
        'nothing will be granted',
        expect.stringContaining('nobody could get the keys') as string,
      ],
    });
    expect(await check({ asset: 'db', point: 'latest' })).toEqual(accepted);
    // The data of every point here is of a day before the second one's slot.
    const asOf = 'asked for as of 2026-06-02T04:00:00.000Z: the data of the point is of 2026-06-01T02:00:01.000Z, 25 h 59 min before it';
    const terms = { db: { noOwner: true } };
    const answer = await checkRequest(
      { input: { asset: 'db', point: '2026-06-02T04:00:00Z' }, execution: EXECUTION, startedAt: STARTED, terms },
      { system: 'sys', assets: ['db', 'other'], vault, escrow: vault, needs: NO_NEEDS, from: 'vault' },
    );
    expect(answer).toMatchObject({
      point: '20260602T020000Z',
      remarks: [asOf],
      details: [expect.stringMatching(/^everything will belong to the login .*, as the plan says$/) as string, asOf],
    });
    expect(await check({ asset: 'db', point: '20260601T020000Z', to: `it's "mine"` })).toMatchObject({
      accepted: true,
      point: '20260601T020000Z',
      database: `it's "mine"`,
    });
  });
  it('takes a run whose stopped services are to be put back, whatever there is to restore', async () => {
    const input = { resume: '20260602T020000Z-3fa9c1', asset: 'other' };
    const answer = await checkRequest(
      { input, execution: EXECUTION, startedAt: STARTED, terms: { db: { quiesce: true } } },
      { system: 'sys', assets: ['db', 'other'], vault, escrow: vault, needs: NO_NEEDS, from: 'vault' },
    );
    expect(answer).toMatchObject({ accepted: true, action: 'resume', asset: 'other', run: '20260602T020000Z-3fa9c1' });
  });

  it.each<[unknown, string[]]>([
    [undefined, ['{"asset":"db"}']],
    [{ asset: 'nope' }, ['db, other']],
    [{ asset: 'db', point: 'yesterday', to: 'x'.repeat(80) }, ['yesterday', '80 bytes', '20260602T020000Z, 20260601T020000Z']],
    [{ asset: 'db', point: '20260603T020000Z', to: '' }, ['not verified', 'empty']],
    [{ asset: 'other' }, ['There is no point in the vault yet']],
    [{ system: 'another', asset: 'db', point: 'latest' }, ["this machine restores sys, not 'another'"]],
    [{ asset: 'db', point: '2026-05-01T00:00:00Z' }, ['is as old as 2026-05-01', '20260601T020000Z']],
    [{ asset: 'db', point: 'latest', target: 'in-place', tables: ['public.users'] }, ['everything but these tables would be gone']],
    [{ asset: 'db', point: 'latest', target: 'in-place', schemaOnly: true }, ["schemaOnly: 'in-place' replaces the whole database"]],
    [{ asset: 'db', point: 'latest', target: 'drop-and-create', exclude: ['public.a'] }, ["exclude: 'drop-and-create' replaces"]],
    [{ asset: 'db', point: 'latest', target: 'clean-replay', schemaOnly: true }, ['every row of it would be gone']],
    [{ asset: 'db', point: 'latest', target: 'clean-replay' }, ['made with --clean and --if-exists, and this point is a']],
    [{ asset: 'db', point: 'latest', target: 'drop-and-create', to: 'billing' }, ['leaves nothing of the database', 'not of "billing"']],
    [{ asset: 'db', point: 'latest', target: 'elsewhere' }, ['target']],
    [{ undo: '20260602T020000Z-3fa9c1' }, ["there is no restore of the run '20260602T020000Z-3fa9c1'"]],
    [{ finish: '../../x' }, ['there is no restore of the run']],
    [{ resume: 'x', asset: 'nope' }, ["resume: 'x' is no run", 'asset: there is no asset', 'the plan has nothing that a restore stops']],
    [{ asset: 'db', in: 'place' }, ['in']],
    [
      { asset: 'db', point: 'latest', to: '', tables: ['users', 'public.a'], exclude: ['public.a'] },
      ['empty', 'tables: "users" is not a name such as public.users', 'public.a is asked for and excluded'],
    ],
    [{ asset: 'db', tables: [] }, ['tables']],
    [{ asset: 'db', point: 'latest', tables: Array.from({ length: 400 }, (_, i) => `public.table_number_${i}`) }, ['6000 characters']],
  ])('answers %j with everything that is wrong', async (input, parts) => {
    const answer = await check(input);
    if (answer.accepted) throw new Error('it was accepted');
    for (const part of parts) expect(answer.message).toContain(part);
  });
});
