/** Every command that a message names: the command line takes it, as it stands there, and it asks the region that sent the message. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { buildProgram } from '../../cli/program.ts';
import { VERBS } from '../../cli/verbs.ts';
import { decideApproval } from '../../core/approval/decide.ts';
import { requestBody } from '../../core/approval/message.ts';
import { explainFinding as explainDeviation, type AuditedSide } from '../../core/audit/explain-finding.ts';
import type { Finding as Deviation } from '../../core/audit/findings.ts';
import { FAILURES } from '../../core/failure/classes.ts';
import { failureNames } from '../../core/failure/exit.ts';
import { failureBody, failureSentence, failureSubject, type FailureReport } from '../../core/failure/message.ts';
import { OLDER_ENVELOPE, RESTORE_STEPS, RESUME, stepOfTask } from '../../core/failure/steps.ts';
import type { ReasonCode } from '../../core/status/colour.ts';
import { adviseLost } from '../../core/vault/explain-lost.ts';
import type { VaultSide } from '../../core/vault/side.ts';
import { nextStep, REMEDIES, type Finding } from '../../core/watch/finding.ts';
import { keyAlarmBody } from '../../core/watch/key-message.ts';
import { ASKED_AT, records, ROLES } from '../core/approval/records.ts';

const DATABASE = 'postgres';
const KEY = 'wallet-encryption-key';
const POINT = '20261121T020000Z';
const RUN = '20261121T091500Z-3fa9c1';
const SIDES = ['vault', 'replica'] as const;
/** What is done at home alone, with or without a way to say so. */
const AT_HOME = new Set(['backup', 'escrow', 'escrow prove-offline', 'doctor', 'restore undo', 'restore resume']);

const headings = new Set(
  readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('### '))
    .map((line) => line.slice(4).trim()),
);

const OF_KEYS = /^(read-back|value|rotation|canary|never-proven|offline|never-read-back|escrow-not-seen|kms-key|source)/;
const OF_DATABASES = /^(point|drill|never-(verified|restored|read-back)|not-restorable|r[pt]o|key-not|kms-key|source|escrow-not-seen)/;
/** Of what a colour's reason is said. */
const ofAssets = (code: ReasonCode): string[] => [...(OF_KEYS.test(code) ? [KEY] : []), ...(OF_DATABASES.test(code) ? [DATABASE] : [])];

/** Words as a shell makes them of a line; what a person is to fill in stands for one. */
const wordsOf = (line: string): string[] =>
  [
    ...line
      .replaceAll('<run>', RUN)
      .replaceAll(/<[^>]*>/g, 'something')
      .matchAll(/(?:'[^']*'|\\.|[^\s'\\])+/g),
  ].map(([word]) =>
    word.replaceAll(/'([^']*)'|\\(.)/g, (_, quoted: string | undefined, escaped: string | undefined) => quoted ?? escaped ?? ''),
  );

/** In a line of prose a command ends with the sentence, or where the words go on. */
const commandsIn = (text: string): string[] =>
  [...text.matchAll(/npx holdfast ((?:'[^']*'|\\.|[^'`,;()\n\\])*)/g)].map(([, rest = '']) => rest.trim().replace(/[.:]$/, ''));

type Named = { verb: string; input: Record<string, unknown> };

/** As the command line reads it; throws what it would say. */
async function read(command: string): Promise<Named> {
  const parsed: Named[] = [];
  const program = buildProgram(VERBS, '0', { stdout: process.stdout }, (verb, input) => {
    const taken = verb.input.safeParse(input);
    if (!taken.success) throw new Error(`${command}: ${taken.error.message}`);
    parsed.push({ verb: verb.name, input: taken.data as Record<string, unknown> });
  });
  await program.parseAsync(wordsOf(command), { from: 'user' });
  const [only] = parsed;
  if (only === undefined) throw new Error(`'${command}' calls no verb`);
  const { asset, key, point } = only.input;
  if (![undefined, DATABASE, 'something'].includes(asset as string))
    throw new Error(`${command}: no database is called ${JSON.stringify(asset)}`);
  if (![undefined, KEY].includes(key as string)) throw new Error(`${command}: no key is called ${JSON.stringify(key)}`);
  if (typeof point === 'string' && point.includes('/') && !point.startsWith(`${DATABASE}/`)) throw new Error(`${command}: of no database`);
  return only;
}

/** @param elsewhere that a command is for the other region is meant */
async function check(text: string, side: VaultSide, elsewhere = false): Promise<Named[]> {
  const named = await Promise.all(commandsIn(text).map(read));
  for (const { verb, input } of named) {
    if (AT_HOME.has(verb) || elsewhere || input['scenario'] !== undefined) continue;
    expect(input['only'] ?? input['from'] ?? 'vault', `${verb} in: ${text}`).toBe(side);
  }
  return named;
}

const report = (over: Partial<FailureReport>): FailureReport => ({
  system: 'ida',
  side: 'vault',
  stage: 'backup',
  step: stepOfTask('dump'),
  asset: DATABASE,
  point: POINT,
  execution: 'arn:aws:states:eu-central-1:000000000000:execution:holdfast-ida-backup:one',
  tries: 1,
  failure: 'TaskDidNotStart',
  detail: 'CannotPullContainerError: it is not there',
  stopCode: 'TaskFailedToStart',
  ...over,
});
const then = (body: string) => /^Then {7}(.*)$/m.exec(body)?.[1] ?? '';

const RESTORE = { stage: 'restore', step: stepOfTask('restore'), database: 'ida_copy' } as const;
/** Without a second region's machine of their own: nothing is replaced there, and nothing put back. */
const AT_HOME_ALONE: [string, Partial<FailureReport>][] = [
  ['undo', { ...RESTORE, step: RESTORE_STEPS.undo, action: 'undo', target: 'in-place', of: RUN }],
  ['putting back', { ...RESTORE, step: RESUME.start, target: 'in-place', run: RUN }],
  ['a resume by hand', { ...RESTORE, step: RESUME.start, action: 'resume', of: RUN, run: RUN, point: undefined, database: undefined }],
];
const FAILED: [string, Partial<FailureReport>][] = [
  ['backup', {}],
  ['backup of nobody knows what', { step: 'Admit the slot', asset: '', point: undefined, failure: 'BadInput' }],
  ['verify', { step: stepOfTask('verify') }],
  ['verify of a damaged point', { step: stepOfTask('verify'), failure: 'PointDamaged' }],
  ['copy', { step: 'Complete the copy' }],
  ['drill', { stage: 'drill', step: stepOfTask('drill') }],
  ['drill of a scenario', { stage: 'drill', step: 'Choose the point', scenario: 'accidental-deletion' }],
  ['drill of a scenario of several', { stage: 'drill', step: 'Judge the scenario', asset: '', scenario: 'region-lost', point: undefined }],
  ['restore', RESTORE],
  ['restore, before a point was found', { ...RESTORE, step: 'Check the request', point: undefined }],
  [
    'restore of a part',
    {
      ...RESTORE,
      withoutKeys: true,
      selection: { tables: ['public."Odd name"'], exclude: ['public.log'], schemaOnly: true, noOwner: true, noPrivileges: true },
    },
  ],
  ['restore that failed its check', { ...RESTORE, step: RESTORE_STEPS.validate, failure: 'CheckFailed' }],
  ['sign-off', { ...RESTORE, step: RESTORE_STEPS.finish, action: 'finish', of: RUN }],
  ['retention', { stage: 'retention', step: 'List the assets', asset: '', point: undefined }],
  ['retention of one asset', { stage: 'retention', step: 'Decide what expires', point: undefined }],
  ['audit', { stage: 'audit', step: 'Begin the audit', asset: '', point: undefined }],
  ['audit of one asset', { stage: 'audit', step: 'Look at the objects', point: undefined }],
  ['hold', { stage: 'hold', step: 'Hold the objects' }],
  ['escrow', { stage: 'escrow', step: 'List the versions', asset: '', point: undefined }],
  ['escrow of one key', { stage: 'escrow', step: 'Escrow one version', asset: KEY, point: undefined }],
  ['escrow of a key that has left the plan', { stage: 'escrow', step: OLDER_ENVELOPE.open, asset: 'former-key', point: undefined }],
];

describe.each(SIDES)('told beside the %s', (side) => {
  it.each([...FAILED, ...(side === 'vault' ? AT_HOME_ALONE : [])])(
    'a failure of %s names cause, stop code, heading, and a command of that region',
    async (_, over) => {
      const failed = report({ ...over, side });
      const body = failureBody(failed);
      for (const part of [FAILURES[failed.failure].what, failed.detail, `Stop code  ${failed.stopCode}`, failed.execution])
        expect(body).toContain(part);
      expect(headings).toContain(/^Runbook {4}docs\/runbook.md, heading (.*)$/m.exec(body)?.[1]);
      expect(body).not.toMatch(/undefined| {2}of |\/ failed| $/m);
      const named = await check(then(body), side);
      expect(named.length).toBeGreaterThan(0);
      await check(failureSentence(failed), side);
      expect(failureSubject(failed)).toMatch(side === 'replica' ? / \(replica\) failed: / : /^(?!.*replica)/);
    },
  );

  it('the same restore is named again, with all that was asked for', async () => {
    const [, asked] = FAILED.find(([name]) => name === 'restore of a part')!;
    const [named] = await check(then(failureBody(report({ ...asked, side }))), side);
    expect(named).toEqual({
      verb: 'restore',
      input: expect.objectContaining({
        point: `${DATABASE}/${POINT}`,
        to: 'ida_copy',
        table: ['public."Odd name"'],
        exclude: ['public.log'],
        schemaOnly: true,
        owner: false,
        privileges: false,
        withoutKeys: true,
      }),
    });
  });

  it.each(failureNames)('the advice of %s is of commands that there are', async (failure) => {
    expect(headings).toContain(failure);
    await check(FAILURES[failure].advice, side, true);
  });

  const findings: Finding[] = [
    ...(['backup', 'drill', 'escrow'] as const).map((stage): Finding => ({
      kind: 'slot-missed',
      asset: stage === 'escrow' ? KEY : DATABASE,
      stage,
      slot: POINT,
      since: POINT,
      isOpen: true,
    })),
    { kind: 'record-damaged', asset: DATABASE, point: POINT, text: 'it is damaged' },
    // Home alone knows of these.
    ...(side === 'vault'
      ? ([
          { kind: 'point-unfinished', asset: DATABASE, point: POINT, missing: ['locked'], since: POINT },
          { kind: 'replica-behind', asset: DATABASE, point: POINT, points: 3, allowedSeconds: 7200, since: POINT },
        ] satisfies Finding[])
      : []),
    ...(Object.keys(REMEDIES) as ReasonCode[]).flatMap((code) =>
      ofAssets(code).map((asset): Finding => ({ kind: 'objective-broken', asset, code, text: 'it does not hold' })),
    ),
  ];
  it.each(findings.map((finding) => ['code' in finding ? finding.code : finding.kind, finding] as const))(
    'of a finding %s the watcher names a command for that asset',
    async (_, finding) => void (await check(nextStep(finding, side), side)),
  );

  it('a key that is about to go', () =>
    check(keyAlarmBody({ what: 'policy', subject: 'policy', text: 'it was changed' }, { system: 'ida', region: 'eu' }), side, true));

  it('a point that is lost', async () => {
    for (const isElsewhere of [true, undefined]) await check(adviseLost(DATABASE, { point: POINT, isElsewhere }, side), side, true);
    await check(adviseLost(DATABASE, { point: POINT, isElsewhere: false }, side), side);
  });

  it('a request that waits for approval', async () => {
    const asked = records([]);
    const at = new Date(ASKED_AT);
    const named = await check(requestBody(asked.request, decideApproval(asked, ROLES, at), at, side), side);
    expect(named.map(({ verb }) => verb)).toEqual(['requests', 'approve', 'reject']);
  });

  const on: AuditedSide = { system: 'ida', side, region: 'eu', bucket: 'b', planFile: 'plans/ida.yaml', run: RUN, assets: [] };
  const object = { asset: DATABASE, point: POINT, versions: 1, key: 'k', versionId: 'v' };
  const here: Deviation[] = [
    { kind: 'hold-missing', ...object, holds: ['case-17'] },
    { kind: 'hold-unknown', ...object },
    { kind: 'manifest-overwritten', ...object },
    { kind: 'point-hidden', ...object },
    { kind: 'not-looked-at', assets: [DATABASE] },
  ];
  it.each(here.map((finding) => [finding.kind, finding] as const))('of a deviation %s', async (_, finding) => {
    const { fix, command } = explainDeviation(finding, on);
    expect(await check(`${fix}: ${command}`, side)).not.toEqual([]);
  });
  const other: Deviation[] = [
    { kind: 'object-missing', ...object },
    { kind: 'record-unreadable', ...object, why: 'no JSON' },
    { kind: 'point-lost', ...object, link: 3, wasReplicated: true },
    { kind: 'links-missing', asset: DATABASE, from: 3, to: 4 },
    { kind: 'manifest-differs', ...object, link: 3 },
  ];
  it.each(other.map((finding) => [finding.kind, finding] as const))(
    'of a deviation %s, which the other region is asked about',
    async (_, finding) => {
      const { fix, command } = explainDeviation(finding, on);
      expect(await check(`${fix}: ${command}`, side === 'vault' ? 'replica' : 'vault')).not.toEqual([]);
    },
  );
});
