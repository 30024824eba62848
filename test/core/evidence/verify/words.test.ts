/** What people said of restores, in a vault that is checked: each word is about the bytes that stand there, or it is said which is not. */
import { beforeAll, describe, expect, it } from 'vitest';
import { approvalKey, approvalRequestKey } from '../../../../core/approval/records.ts';
import { sha256Hex } from '../../../../core/evidence/statement.ts';
import type { VaultCopy } from '../../../../core/evidence/verify/vault-copy.ts';
import { verifyVault } from '../../../../core/evidence/verify/verify-vault.ts';
import { signOffKey } from '../../../../core/sign-off/records.ts';
import { evidenceKey, signatureKey } from '../../../../core/vault/keys.ts';
import { signObjects } from '../../../../functions/evidence/sign-objects.ts';
import { LATER, makeSignedVault, type SignedVault } from '../../../helpers/signed-vault.ts';
import { ASSET } from '../../../functions/vault-world.ts';
import { decision, request, session } from '../../approval/records.ts';
import { restoreResult } from '../../restore/results.ts';

const POINT = '20261110T020000Z';
const [GOOD, BAD, GONE] = ['20261120T100000Z-aaaaaa', '20261120T110000Z-bbbbbb', '20261120T120000Z-cccccc'];
const FINISH = '20261120T130000Z-dddddd';
const OTHER = 'a'.repeat(64);
const at = '2026-11-20T10:00:00.000Z';
let world: SignedVault;

const ann = session('requester', 'ann');
const bob = session('approver', 'bob');

async function put(key: string, record: object): Promise<string> {
  const body = JSON.stringify(record);
  await world.vault.putOnce(key, body);
  return sha256Hex(Buffer.from(body));
}
const of = (run: string) => ({ system: world.system, asset: ASSET, point: POINT, run });
const putRequest = (run: string) => put(approvalRequestKey(world.system, run, 'vault'), { ...request({ author: ann }), ...of(run) });
const putDecision = (run: string, requestSha256: string) =>
  put(approvalKey(world.system, run, 1, 'vault'), { ...decision(1, bob).decision, ...of(run), requestSha256 });
const result = (run: string) => restoreResult({ ...of(run), startedAt: at, finishedAt: at, target: 'in-place', kept: 'ida_before' });
const putResult = (run: string) => put(evidenceKey(world.system, 'restore-result', run), result(run));
const putSignOff = (run: string, resultSha256: string) =>
  put(signOffKey(world.system, run), {
    format: 'holdfast/sign-off/v1',
    ...of(run),
    target: 'in-place',
    database: 'ida',
    kept: 'ida_before',
    resultSha256,
    checks: [],
    followUps: [],
    by: ann,
    at,
  });
const putFinish = (run: string, restore: string) =>
  put(evidenceKey(world.system, 'restore-finish', run), {
    format: 'holdfast/restore-follow-up/v1',
    action: 'finish',
    system: world.system,
    asset: ASSET,
    run,
    of: restore,
    database: 'ida',
    startedAt: at,
    finishedAt: at,
    notes: [],
  });

beforeAll(async () => {
  world = await makeSignedVault();
  await world.makePoint(POINT, '20261110T020100Z-000000');
  await putDecision(GOOD, await putRequest(GOOD));
  await putSignOff(GOOD, await putResult(GOOD));
  await putFinish(FINISH, GOOD);
  const keys = [
    approvalRequestKey(world.system, GOOD, 'vault'),
    approvalKey(world.system, GOOD, 1, 'vault'),
    evidenceKey(world.system, 'restore-result', GOOD),
    signOffKey(world.system, GOOD),
    evidenceKey(world.system, 'restore-finish', FINISH),
  ];
  await signObjects({ keys }, world.signPorts);
}, 60_000);

/** As a check sees the vault once somebody took some records away, with what signed them. */
const without = (...keys: string[]): VaultCopy => {
  const hidden = new Set(keys.flatMap((key) => [key, signatureKey(key)]));
  return {
    where: 'the vault',
    hasVersions: true,
    reader: {
      ...world.vault,
      async *listVersions(prefix) {
        for await (const version of world.vault.listVersions(prefix)) if (!hidden.has(version.key)) yield version;
      },
    },
  };
};
async function problemsOf(copy = without()): Promise<string[]> {
  const { problems } = await verifyVault({
    copy,
    system: world.system,
    publicKeys: world.publicKeys,
    asset: undefined,
    known: [],
    readsBytes: false,
    earlier: [],
    now: LATER,
    onProgress: () => undefined,
    signal: new AbortController().signal,
  });
  return problems.map(({ kind, key, text }) => `${kind} ${key.split('/').at(-1)}: ${text.split(' (')[0]}`);
}

describe('evidence of restores', () => {
  it('is whole when every word is about what stands there', async () => {
    expect(await problemsOf()).toEqual([]);
  });

  it.each([
    ['the request that was approved', () => approvalRequestKey(world.system, GOOD, 'vault'), ['a decision of an approver']],
    ['the record that was signed off', () => evidenceKey(world.system, 'restore-result', GOOD), ['a sign-off', 'the end of a restore']],
    ['the sign-off for which a database was dropped', () => signOffKey(world.system, GOOD), ['the end of a restore']],
  ])('tells when %s is gone', async (_, key, sayers) => {
    const file = key().split('/').at(-1);
    expect((await problemsOf(without(key()))).toSorted()).toEqual(sayers.map((who) => `record-missing ${file}: ${who}`).toSorted());
  });

  it('tells when a decision or a sign-off is about other bytes, and of what was dropped for no word at all', async () => {
    await putRequest(BAD);
    await putDecision(BAD, OTHER);
    await putResult(BAD);
    await putSignOff(BAD, OTHER);
    await putFinish('20261120T140000Z-eeeeee', GONE);
    const names: [string, string][] = [
      ['restore-result', BAD],
      ['restore-finish', '20261120T140000Z-eeeeee'],
    ];
    const keys = [
      approvalRequestKey(world.system, BAD, 'vault'),
      approvalKey(world.system, BAD, 1, 'vault'),
      signOffKey(world.system, BAD),
      ...names.map(([kind, run]) => evidenceKey(world.system, kind, run)),
    ];
    await signObjects({ keys }, world.signPorts);
    expect((await problemsOf()).toSorted()).toEqual([
      `record-differs approval-request-${BAD}.json: a decision of an approver`,
      `record-differs restore-result-${BAD}.json: a sign-off`,
      `record-missing restore-result-${GONE}.json: the end of a restore`,
      `record-missing sign-off-${GONE}.json: the end of a restore`,
    ]);
  });
});
