import { describe, expect, test } from 'vitest';
import { describeEvidence } from '../../../core/report/evidence/describe-evidence.ts';
import { decision, request, session } from '../approval/records.ts';
import { renderEvidence, type EvidenceSource } from '../../../core/report/evidence/render-evidence.ts';

const AT = '2026-11-21T02:10:00.000Z';
const common = { system: 'ida', run: '20261121T020200Z-3fa9c1', execution: 'arn:execution' };
const SHA = 'ab'.repeat(32);
const result = {
  format: 'holdfast/drill-result/v1',
  system: 'ida',
  asset: 'db',
  point: '20261121T020000Z',
  run: common.run,
  from: 'vault',
  startedAt: AT,
  finishedAt: AT,
  manifestSha256: SHA,
  consistentAt: AT,
  phases: [{ name: 'restore', seconds: 1.5 }],
  checks: [{ name: 'rows of <users>', kind: 'row-count', outcome: 'failed', expected: '20', measured: '19' }],
  bytesRestored: 100,
  isolation: 'own-uid',
  serverVersion: '18.4',
  notes: ['an extension was left out'],
};
const swept = { attempts: [], objects: 0, bytes: 0, uploads: 0, refused: 0, unreadable: [] };
const hold = {
  format: 'holdfast/fact/v1',
  system: 'ida',
  asset: 'db',
  point: '20261121T020000Z',
  id: common.run,
  at: AT,
  hold: 'case',
  reason: 'a case',
  by: 'anna',
};

const followUp = {
  format: 'holdfast/restore-follow-up/v1',
  system: 'ida',
  asset: 'db',
  run: common.run,
  of: 'the-earlier-run',
  database: 'ida',
  startedAt: AT,
  finishedAt: AT,
};

const RECORDS: Record<string, { record: unknown; says: RegExp[] }> = {
  'request for approval': { record: request({ asset: 'db' }), says: [/Request for approval/, /in-place/, /assumed-role\/requester\/ann/] },
  'request of nobody known': {
    record: { ...request({ asset: 'db' }), author: undefined },
    says: [/not known then: one approval more is needed/],
  },
  'author of a request': {
    record: {
      format: 'holdfast/approval-author/v1',
      ...common,
      asset: 'db',
      at: AT,
      author: session('requester', 'ann'),
      eventId: 'e-1',
    },
    says: [/Who asked for a restore/, /e-1/],
  },
  approval: {
    record: { ...decision(1, session('approver', 'bob')).decision, asset: 'db' },
    says: [/Approval/, /assumed-role\/approver\/bob/],
  },
  rejection: {
    record: { ...decision(1, session('approver', 'bob'), { outcome: 'rejected', reason: 'not on a <Friday>' }).decision, asset: 'db' },
    says: [/Rejection/, /not on a &lt;Friday&gt;/],
  },
  drill: {
    record: {
      format: 'holdfast/drill-evidence/v1',
      ...common,
      asset: 'db',
      outcome: 'failed',
      reasons: ['a table is empty'],
      point: '20261121T020000Z',
      from: 'replica',
      startedAt: AT,
      judgedAt: AT,
      result,
      objectives: { rpoSeconds: 3600, rtoSeconds: 3600 },
      measured: { rtoSeconds: 77, target: 'ephemeral PostgreSQL 18' },
    },
    says: [
      /Drill.*db/s,
      /Failed/,
      /measured 1 min 17 s/,
      /replica vault/,
      /a table is empty/,
      /rows of &lt;users&gt;/,
      /an extension was left out/,
    ],
  },
  'drill-result': { record: result, says: [/Measurements of a drill/, /1 check failed/, /100 B/] },
  'restore-result': {
    record: {
      format: 'holdfast/restore-result/v1',
      system: 'ida',
      asset: 'db',
      point: '20261121T020000Z',
      run: common.run,
      database: 'ida_restored',
      startedAt: '2026-11-21T02:00:00.000Z',
      finishedAt: AT,
      bytesRestored: 2048,
      notes: ['the role reader was made'],
    },
    says: [/Restore/, /ida_restored/, /10 min/, /2.0 KiB/, /the role reader was made/],
  },
  'restore-undo': {
    record: { ...followUp, action: 'undo', kept: 'ida_undone_x', notes: ['What was restored stands closed'] },
    says: [/Undo of a restore/, /Undone/, /the-earlier-run/, /ida_undone_x/, /stands closed/],
  },
  'restore-finish': { record: { ...followUp, action: 'finish', notes: [] }, says: [/End of a restore/, /Finished/, /the-earlier-run/] },
  'restore-failure': {
    record: {
      format: 'holdfast/restore-failure/v1',
      action: 'restore',
      outcome: 'refused',
      system: 'ida',
      asset: 'db',
      point: '20261121T020000Z',
      run: common.run,
      target: 'in-place',
      database: 'ida',
      startedAt: '2026-11-21T02:00:00.000Z',
      endedAt: AT,
      step: 'Swap the databases',
      failure: 'TargetRefused',
      reasons: ['Swap the databases: a session of <postgres> cannot be ended.'],
      left: ['"ida" is the old database: nothing was replaced'],
      safety: '20261121T010000Z',
      resumed: { complete: false, message: 'Not put back: api' },
      times: { approvalSeconds: 90 },
    },
    says: [
      /Restore that did not come through/,
      /Refused, not all put back/,
      /Swap the databases/,
      /TargetRefused/,
      /of &lt;postgres&gt; cannot be ended\.</,
      /nothing was replaced/,
      /20261121T010000Z/,
      /Not put back: api/,
      />Approval</,
    ],
  },
  'sign-off': {
    record: {
      format: 'holdfast/sign-off/v1',
      system: 'ida',
      asset: 'db',
      point: '20261121T020000Z',
      run: common.run,
      target: 'in-place',
      database: 'ida',
      kept: 'ida_before_x',
      resultSha256: SHA,
      checks: [{ name: 'login', what: 'A known <user> can log in', by: session('approver', 'bob'), at: AT, note: 'he can' }],
      followUps: [{ name: 'dns', kind: 'dns', what: 'Point the name', seconds: 300, by: session('requester', 'ann'), at: AT }],
      times: { elapsedSeconds: 1200, detectionSeconds: 600, followUpSeconds: 300 },
      note: 'All is well',
      by: session('requester', 'ann'),
      at: AT,
    },
    says: [
      /Sign-off of a restore/,
      /assumed-role\/requester\/ann/,
      /ida_before_x/,
      /From the loss until it could be used/,
      /35 min/,
      /he can/,
      /bob/,
      /All is well/,
    ],
  },
  escrow: {
    record: {
      format: 'holdfast/escrow-evidence/v1',
      kind: 'escrow',
      ...common,
      startedAt: AT,
      at: AT,
      outcome: 'incomplete',
      versions: [{ key: 'wallet-key', fingerprint: SHA, failure: 'KeyNotRecoverable', readBacks: [] }],
    },
    says: [/Escrow run/, /Incomplete/, /wallet-key/, /nowhere/, /KeyNotRecoverable/],
  },
  expiry: {
    record: {
      format: 'holdfast/expiry/v1',
      kind: 'expiry',
      ...common,
      asset: 'db',
      at: AT,
      bucket: 'the-vault',
      expired: [
        {
          point: '20261001T020000Z',
          manifestSha256: SHA,
          expiredAt: AT,
          objects: 3,
          reasons: ['no window keeps it'],
          holds: [{ kind: 'released', hold: 'case-7', reason: 'the case is closed', by: 'anna', at: AT }],
        },
      ],
      kept: [{ point: '20261002T020000Z', failed: true, why: 'S3 refused' }],
      swept,
      records: [],
    },
    says: [/Expiry/, /1 not gone/, /no window keeps it/, /S3 refused/, /Legal holds that had stood/, /case-7/, /the case is closed/],
  },
  audit: {
    record: {
      format: 'holdfast/audit/v1',
      kind: 'audit',
      ...common,
      side: 'vault',
      bucket: 'the-vault',
      at: AT,
      assets: ['db'],
      isWhole: true,
      sample: { newest: 3, days: 30, residues: [] },
      looked: { points: 9, wholePoints: 3, listed: 90, versions: 40, findings: 1, calls: 1 },
      findings: [
        {
          finding: { kind: 'versioning-off', bucket: 'the-vault', stack: 's', found: 'off' },
          what: 'It keeps no versions',
          fix: 'Deploy again',
          command: 'x',
        },
      ],
      more: 2,
    },
    says: [/Audit/, /3 findings/, /It keeps no versions/, /Deploy again/, /2 more findings/],
  },
  held: { record: { ...hold, kind: 'held' }, says: [/Legal hold/, /Held/, /anna/, /a case/] },
  released: { record: { ...hold, kind: 'released' }, says: [/Release of a legal hold/, /Released/] },
};

const pageOf = (record: unknown, signature: EvidenceSource['signature'] = 'signed') => {
  const body = Buffer.from(JSON.stringify(record));
  const described = describeEvidence(body) ?? expect.unreachable('it is evidence');
  return renderEvidence(described, { system: 'ida', key: 'evidence/ida/2026/x.json', sha256: SHA, signature, body, version: '0.1.0' });
};

describe('the page of one record', () => {
  test.each(Object.entries(RECORDS))('of the kind %s says what it says', (_, { record, says }) => {
    const page = pageOf(record);
    for (const words of says) expect(page).toMatch(words);
    expect(page).toContain(SHA);
    expect(page.match(/<(script|img|link|iframe|a)\b/g)).toBeNull();
    expect(page).not.toContain('rows of <users>');
  });

  test.each([
    ['signed', 'Signature holds'],
    ['unsigned', 'Not signed'],
    ['other-key', 'Signed by a key that was not given'],
    ['invalid', 'Signature does not hold'],
  ] as const)('of a record that is %s says so', (signature, words) => {
    expect(pageOf(RECORDS['escrow']?.record, signature)).toContain(words);
  });

  test('has no heading over nothing', () => {
    expect(pageOf(RECORDS['held']?.record)).toContain('What it says');
    expect(pageOf(RECORDS['author of a request']?.record)).not.toContain('What it says');
  });

  test('of what is no record there is none', () => {
    for (const other of ['{}', 'not JSON', '{"format":"holdfast/drill-evidence/v1"}', '{"format":"holdfast/drill-evidence/v9"}'])
      expect(describeEvidence(Buffer.from(other))).toBeUndefined();
  });
});

test('a restore in place says what it kept, what was saved first, what was checked and how long each part took', () => {
  const page = pageOf({
    ...(RECORDS['restore-result']?.record as object),
    target: 'in-place',
    kept: 'ida_before_x',
    safety: '20261121T010000Z',
    validation: { checks: [{ name: 'rows of users', kind: 'row-count', outcome: 'passed', expected: '5', measured: '5' }] },
    times: { restoreSeconds: 90, validationSeconds: 7, approvalSeconds: 0 },
  });
  for (const words of [/in-place/, /ida_before_x/, /20261121T010000Z/, /rows of users/, />Restore</, />Validation</])
    expect(page).toMatch(words);
  expect(page).not.toMatch(/>Approval</);
});
