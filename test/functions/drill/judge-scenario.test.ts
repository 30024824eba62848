import { beforeAll, describe, expect, it } from 'vitest';
import { openBucket } from '../../../adapters/s3/bucket.ts';
import type { DrillEvidence } from '../../../core/drill/contract.ts';
import { JudgeScenarioRequest, ScenarioEvidence } from '../../../core/drill/scenario.ts';
import { parseJson } from '../../../core/parse-json.ts';
import { describeEvidence } from '../../../core/report/evidence/describe-evidence.ts';
import { runId } from '../../../core/vault/ids.ts';
import { evidenceKey } from '../../../core/vault/keys.ts';
import { judgeScenario } from '../../../functions/drill/judge-scenario.ts';
import { freshBucket, rootSettings } from '../../helpers/servers.ts';

const openFresh = async () => {
  const { reader, writer } = openBucket(await freshBucket({ name: 'scenario' }), rootSettings(), {
    AWS_ENDPOINT_URL: rootSettings().endpointUrl,
  });
  return { ...reader, ...writer };
};
let vault: Awaited<ReturnType<typeof openFresh>>;
beforeAll(async () => (vault = await openFresh()));

const arn = (name: string) => `arn:aws:states:eu-central-1:000000000000:execution:holdfast-sys-drill:${name}`;
const STARTED = '2026-06-05T04:00:01.234Z';
const ended = (name: string) => ({ ExecutionArn: arn(name), StartDate: Date.parse(STARTED) });

/** The evidence that a drill of the asset left. */
async function leave(asset: string, name: string, outcome: DrillEvidence['outcome'], over: Partial<DrillEvidence> = {}) {
  const run = runId(new Date(STARTED), arn(name));
  const evidence: DrillEvidence = {
    format: 'holdfast/drill-evidence/v1',
    system: 'sys',
    asset,
    run,
    execution: arn(name),
    outcome,
    reasons: outcome === 'passed' ? ['All 4 checks passed'] : ['rows: expected 10, measured 9'],
    point: '20260605T020000Z',
    from: 'vault',
    scenario: 'wiped',
    startedAt: STARTED,
    judgedAt: '2026-06-05T04:10:00.000Z',
    objectives: { rpoSeconds: 3600, rtoSeconds: 3600 },
    measured: { rtoSeconds: asset === 'orders' ? 300 : 420, target: 'ephemeral PostgreSQL 16' },
    ...over,
  };
  await vault.putOnce(evidenceKey('sys', 'drill', run), JSON.stringify(evidence));
}

async function judge(name: string, drills: unknown[]) {
  const request = JudgeScenarioRequest.parse({
    system: 'sys',
    scenario: 'wiped',
    execution: arn(name),
    startedAt: '2026-06-05T04:00:00Z',
    drills,
  });
  const answer = await judgeScenario(request, { vault, now: () => new Date('2026-06-05T04:20:00Z') });
  const record = await vault.get({ key: answer.evidence });
  const body = Buffer.from(record?.body ?? []);
  return { answer, evidence: ScenarioEvidence.parse(parseJson(body)), page: describeEvidence(body) };
}

describe('the verdict on a scenario', () => {
  it('is passed when every drill is, with the longest time', async () => {
    await leave('orders', 'a', 'passed');
    await leave('users', 'b', 'passed');
    const { answer, evidence, page } = await judge('one', [
      { asset: 'orders', ended: ended('a') },
      { asset: 'users', ended: ended('b') },
    ]);
    expect(answer).toMatchObject({ outcome: 'passed', keys: [answer.evidence] });
    expect(answer.evidence).toMatch(/^evidence\/sys\/2026\/scenario-20260605T040000Z-[0-9a-f]{6}\.json$/);
    expect(evidence.measured.rtoSeconds).toBe(420);
    expect(evidence.drills.map(({ asset, outcome, evidence: key }) => [asset, outcome, key !== undefined])).toEqual([
      ['orders', 'passed', true],
      ['users', 'passed', true],
    ]);
    expect(page).toMatchObject({ title: 'Scenario of several assets', outcome: { colour: 'green' } });
  });

  it('is the worst of them: what failed and what nobody knows of', async () => {
    await leave('orders', 'c', 'failed');
    const failed = await judge('two', [
      // As Step Functions tells of an execution that did not succeed.
      { asset: 'orders', cause: JSON.stringify({ ...ended('c'), Status: 'FAILED', Cause: 'told' }) },
      { asset: 'users', cause: JSON.stringify({ ...ended('never'), Cause: 'The drill machine could not choose a point' }) },
      { asset: 'logs', cause: 'States.Timeout' },
    ]);
    expect(failed.answer).toMatchObject({
      outcome: 'failed',
      reasons: [
        'orders failed: rows: expected 10, measured 9',
        'users could not run: The drill machine could not choose a point',
        'logs could not run: States.Timeout',
      ],
    });
    expect(failed.evidence.measured).toEqual({});
    const unknown = await judge('three', [
      { asset: 'orders', ended: ended('a') },
      { asset: 'logs', cause: 'States.Timeout' },
    ]);
    expect(unknown.answer.outcome).toBe('could-not-run');
  });

  it('believes no evidence of another execution or asset', async () => {
    await leave('orders', 'd', 'passed', { execution: arn('another') });
    await leave('users', 'e', 'passed', { asset: 'orders' });
    const { evidence } = await judge('four', [
      { asset: 'orders', ended: ended('d') },
      { asset: 'users', ended: ended('e') },
    ]);
    expect(evidence.drills.map(({ outcome, reasons }) => [outcome, reasons])).toEqual([
      ['could-not-run', ['The drill left no evidence']],
      ['could-not-run', ['The drill left no evidence']],
    ]);
  });

  it('says how far apart the data points are', async () => {
    const result = (at: string) => ({
      format: 'holdfast/drill-result/v1' as const,
      system: 'sys',
      asset: 'x',
      point: '20260605T020000Z',
      run: 'r',
      from: 'vault' as const,
      startedAt: STARTED,
      finishedAt: STARTED,
      manifestSha256: '',
      consistentAt: at,
      phases: [],
      checks: [],
      bytesRestored: 0,
      isolation: 'own-uid' as const,
      serverVersion: '16',
      notes: [],
    });
    await leave('orders', 'f', 'passed', { result: result('2026-06-05T02:00:00.000Z') });
    await leave('users', 'g', 'passed', { result: result('2026-06-05T02:30:00.000Z') });
    const { evidence } = await judge('five', [
      { asset: 'orders', ended: ended('f') },
      { asset: 'users', ended: ended('g') },
    ]);
    expect(evidence.measured.dataPointsApartSeconds).toBe(1800);
  });
});
