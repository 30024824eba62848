/** The evidence of a restore is made of the papers that its steps have left, in a vault. */
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { openBucket } from '../../../adapters/s3/bucket.ts';
import { readRecord } from '../../../adapters/vault/read-records.ts';
import { parseJson } from '../../../core/parse-json.ts';
import { describeEvidence } from '../../../core/report/evidence/describe-evidence.ts';
import { decideFollowUp } from '../../../core/restore/decide-follow-up.ts';
import { measureRestores } from '../../../core/report/measured-restores.ts';
import { WriteResultRequest } from '../../../core/restore/contract.ts';
import { RestoreFailure, RestoreFollowUp, RestoreResult } from '../../../core/restore/result.ts';
import { evidenceKey, restorePaperKey } from '../../../core/vault/keys.ts';
import { writeResult, type WriteResultPorts } from '../../../functions/restore/write-result.ts';
import { freshBucket, rootSettings, uniqueSuffix } from '../../helpers/servers.ts';

const REGION = 'eu-central-1';
const system = `result${uniqueSuffix()}`;
const asset = 'db';
const at = (second: number) => `2026-11-21T02:00:${String(second).padStart(2, '0')}.000Z`;
const check = (name: string, outcome: 'passed' | 'failed') => ({ name, kind: 'row-count', outcome, expected: '5', measured: '4' });
const papers = {
  restored: {
    point: '20261121T010000Z',
    database: 'ida_staged',
    startedAt: at(0),
    finishedAt: at(20),
    bytesRestored: 5000,
    notes: ['a role was made'],
  },
  validated: { startedAt: at(20), finishedAt: at(23), checks: [check('rows of users', 'passed')] },
  swapped: { finishedAt: at(30), kept: 'ida_before', notes: ['a session was ended'] },
  probed: { startedAt: at(40), finishedAt: at(44), checks: [check('health', 'failed')] },
};

let ports: WriteResultPorts;
let runs = 0;
beforeAll(async () => {
  const bucket = await freshBucket({ objectLock: true, region: REGION, name: 'result' });
  const { reader, writer } = openBucket(bucket, rootSettings(REGION), {});
  ports = { system, reader, writer };
});

async function left(some: Partial<Record<string, object>>): Promise<string> {
  const run = `20261121T0200${String(runs++).padStart(2, '0')}Z-3fa9c1`;
  for (const [paper, content] of Object.entries(some))
    await ports.writer.putOnce(restorePaperKey(system, asset, run, paper), JSON.stringify(content));
  return run;
}
const write = (run: string, over: object = {}) =>
  writeResult(
    WriteResultRequest.parse({
      action: 'restore',
      asset,
      point: '20261121T010000Z',
      run,
      target: 'in-place',
      database: 'ida',
      of: '',
      safety: '20261121T013000Z-m3fa9c1',
      startedAt: at(0),
      times: { retrievalSeconds: 7 },
      ...over,
    }),
    ports,
  );
const read = async (key: string) => (await readRecord(ports.reader, key))!.body;

describe('the evidence of a restore', () => {
  it('in place says what was kept and saved, what was checked before and after, and what was put back', async () => {
    const run = await left(papers);
    const answer = await write(run, { resumed: { complete: false, message: 'Put back: worker. Not put back: api' } });
    expect(answer).toMatchObject({ evidence: evidenceKey(system, 'restore-result', run), kept: 'ida_before' });
    const body = await read(answer.evidence);
    expect(RestoreResult.parse(parseJson(body))).toMatchObject({
      database: 'ida',
      target: 'in-place',
      kept: 'ida_before',
      safety: '20261121T013000Z-m3fa9c1',
      finishedAt: at(30),
      notes: ['a role was made', 'a session was ended'],
      validation: { checks: [{ name: 'rows of users' }, { name: 'health', outcome: 'failed' }] },
      times: { retrievalSeconds: 7, restoreSeconds: 20, validationSeconds: 7 },
      resumed: { complete: false },
    });
    expect(describeEvidence(body)).toMatchObject({
      outcome: { colour: 'red', word: 'Restored, not all put back' },
      notes: expect.arrayContaining(['Put back: worker. Not put back: api.']) as string[],
    });
  });

  it('is red on its page when the application does not work on it, and green when it does', async () => {
    const outcomeOf = async (some: object) =>
      describeEvidence(await read((await write(await left({ ...papers, ...some }))).evidence))?.outcome;
    expect(await outcomeOf({})).toMatchObject({ colour: 'red', word: 'Restored, a check failed' });
    expect(await outcomeOf({ probed: { ...papers.probed, checks: [check('health', 'passed')] } })).toMatchObject({ colour: 'green' });
  });

  it('beside has what happened and no more', async () => {
    const run = await left({ restored: papers.restored });
    const { evidence, kept } = await write(run, { target: 'beside', safety: '', times: {} });
    expect(kept).toBe('');
    const result = RestoreResult.parse(parseJson(await read(evidence)));
    expect(result).toMatchObject({ target: 'beside', finishedAt: at(20), times: { restoreSeconds: 20 } });
    for (const absent of ['kept', 'safety', 'validation', 'resumed'] as const) expect(result[absent]).toBeUndefined();
  });

  it('of a part of a point says why it was not checked', async () => {
    const unchecked = 'Only a part of the point was restored';
    const run = await left({ restored: papers.restored, validated: { ...papers.validated, checks: [], unchecked } });
    const selection = { tables: ['public.users'], noOwner: true };
    const body = await read((await write(run, { target: 'beside', safety: '', times: {}, selection })).evidence);
    expect(RestoreResult.parse(parseJson(body))).toMatchObject({ selection });
    expect(describeEvidence(body)).toMatchObject({
      outcome: { word: 'Restored in part' },
      facts: expect.arrayContaining([['Part', 'only public.users']]) as unknown,
    });
    expect(RestoreResult.parse(parseJson(body)).validation).toEqual({ checks: [], unchecked });
    expect(describeEvidence(body)?.notes).toEqual(['a role was made', `${unchecked}.`]);
  });

  it('is written once, and a second try answers the same', async () => {
    const run = await left(papers);
    const first = await write(run);
    const body = await read(first.evidence);
    expect(await write(run, { times: { retrievalSeconds: 9 } })).toEqual(first);
    expect(Buffer.from(await read(first.evidence))).toEqual(Buffer.from(body));
  });

  it('says that the run failed, although the point stands in the database', async () => {
    const failed = { failure: 'TargetUnreachable', message: 'Swap the databases: the server was gone' };
    const passed = { probed: { ...papers.probed, checks: [check('health', 'passed')] } };
    const body = await read((await write(await left({ ...papers, ...passed }), { failed })).evidence);
    const result = RestoreResult.parse(parseJson(body));
    expect(result).toMatchObject({ failed, kept: 'ida_before' });
    expect(describeEvidence(body)).toMatchObject({
      outcome: { colour: 'red', word: 'Restored, and the run failed' },
      notes: expect.arrayContaining([`${failed.message}.`]) as string[],
    });
    // As an undo asks: what it has kept can be put back.
    const of = {
      action: 'undo' as const,
      of: result.run,
      result,
      assets: [asset],
      from: 'vault' as const,
      undoneBy: undefined,
      droppedBy: undefined,
      isSignedOff: false,
    };
    expect(decideFollowUp(of)).toEqual({ result });
    expect(measureRestores([result, { ...result, failed: undefined }], []).map(({ seconds }) => seconds === undefined)).toEqual([
      true,
      false,
    ]);
  });

  it('is not written while it is only asked what was kept', async () => {
    const [swapped, not] = [await left(papers), await left({ restored: papers.restored })];
    expect(await write(swapped, { look: true })).toEqual({ evidence: '', signature: '', kept: 'ida_before' });
    expect(await write(not, { look: true })).toEqual({ evidence: '', signature: '', kept: '' });
    for (const run of [swapped, not]) expect(await readRecord(ports.reader, evidenceKey(system, 'restore-result', run))).toBeUndefined();
  });

  it('is not made of nothing', async () => {
    const run = await left({});
    await expect(write(run)).rejects.toThrow(/What the restore .* wrote of itself/);
    expect(await readRecord(ports.reader, evidenceKey(system, 'restore-result', run))).toBeUndefined();
  });
});

describe('the evidence of a restore that did not come through', () => {
  const failed = { failure: 'TargetRefused', message: 'Swap the databases: a session cannot be ended.', step: 'Swap the databases' };
  const resumed = { complete: false, message: 'Not put back: api' };

  it('says that it was refused, why, what there is now, what was checked and what stays stopped', async () => {
    const run = await left({ restored: papers.restored, validated: papers.validated });
    const answer = await write(run, { stands: false, failed, resumed, times: { elapsedSeconds: 90, retrievalSeconds: 0 } });
    expect(answer).toEqual({
      evidence: evidenceKey(system, 'restore-failure', run),
      signature: evidenceKey(system, 'restore-failure', run).replace('.json', '.dsse.json'),
      kept: '',
    });
    const body = await read(answer.evidence);
    const record = RestoreFailure.parse(parseJson(body));
    expect(record).toMatchObject({
      action: 'restore',
      outcome: 'refused',
      target: 'in-place',
      step: 'Swap the databases',
      failure: 'TargetRefused',
      startedAt: at(0),
      endedAt: '2026-11-21T02:01:30.000Z',
      reasons: [failed.message],
      safety: '20261121T013000Z-m3fa9c1',
      validation: { checks: [{ name: 'rows of users' }] },
      resumed,
      times: { elapsedSeconds: 90 },
    });
    expect(record.left).toEqual([
      '"ida" is the old database: nothing was replaced',
      expect.stringMatching(/^"ida_new_20261121t010000z" beside it has all of the point/),
      'The safety backup is the point 20261121T013000Z-m3fa9c1',
    ]);
    expect(describeEvidence(body)).toMatchObject({ outcome: { colour: 'red', word: 'Refused, not all put back' } });
    // It is no restore: nothing measures it, and nothing of it can be undone.
    expect(RestoreResult.safeParse(record).success).toBe(false);
  });

  it('is written of one that left no paper at all, and once', async () => {
    const run = await left({});
    const over = { stands: false, target: 'beside', safety: '', failed: { failure: 'RestoreFailed', message: 'why', step: 'Restore' } };
    const first = await write(run, over);
    const body = await read(first.evidence);
    expect(RestoreFailure.parse(parseJson(body))).toMatchObject({
      outcome: 'failed',
      left: [expect.stringMatching(/^Nothing has all of the point/) as string],
    });
    expect(await write(run, { ...over, times: { elapsedSeconds: 5 } })).toEqual(first);
    expect(Buffer.from(await read(first.evidence))).toEqual(Buffer.from(body));
  });

  it('of an undo names the restore', async () => {
    const { evidence } = await write(await left({}), { stands: false, action: 'undo', of: 'the-earlier-run', safety: '', failed });
    expect(RestoreFailure.parse(parseJson(await read(evidence)))).toMatchObject({ action: 'undo', of: 'the-earlier-run' });
  });
});

it('of a restore whose record could not be written is made by hand, as the runbook says, and then it can be undone', async () => {
  const run = await left({ restored: papers.restored, validated: papers.validated, swapped: papers.swapped });
  const runbook = readFileSync(new URL('../../../docs/runbook.md', import.meta.url), 'utf8');
  const [, payload = ''] = /restore-write-result .*--payload '([^']+)'/.exec(runbook) ?? [];
  const values: Record<string, string> = {
    asset,
    point: '20261121T010000Z',
    run,
    target: 'in-place',
    database: 'ida',
    safety: '20261121T013000Z-m3fa9c1',
    start: at(0),
  };
  const filled = payload.replaceAll(/<(\w+)>/g, (_, name: string) => values[name] ?? expect.unreachable(name));
  const { evidence } = await writeResult(WriteResultRequest.parse(JSON.parse(filled)), ports);
  const result = RestoreResult.parse(parseJson(await read(evidence)));
  expect(result).toMatchObject({ run, target: 'in-place', kept: 'ida_before', safety: values['safety'] });
  expect(
    decideFollowUp({
      action: 'undo',
      of: run,
      result,
      assets: [asset],
      from: 'vault',
      undoneBy: undefined,
      droppedBy: undefined,
      isSignedOff: false,
    }),
  ).toEqual({ result });
});

describe('the evidence of what became of a kept database', () => {
  it.each([
    ['undo', 'undone', 'ida_undone'],
    ['finish', 'finished', undefined],
  ] as const)('after an %s names the restore', async (action, paper, kept) => {
    const run = await left({ [paper]: { finishedAt: at(9), notes: [], ...(kept === undefined ? {} : { kept }) } });
    const { evidence } = await write(run, { action, of: 'the-earlier-run', safety: '' });
    expect(evidence).toBe(evidenceKey(system, `restore-${action}`, run));
    const record = RestoreFollowUp.parse(parseJson(await read(evidence)));
    expect(record).toMatchObject({ action, of: 'the-earlier-run', database: 'ida', finishedAt: at(9) });
    expect(record.kept).toBe(kept);
  });
});
