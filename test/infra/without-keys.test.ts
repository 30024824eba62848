/** A plan whose last key was taken out: points of before still need what is in escrow, and its locks end. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { EscrowInput } from '../../core/escrow/contract.ts';
import { synthesizeHere } from './synthesize-here.ts';
import { ofType, rolePolicy, type Template } from './synthesized.ts';

type Database = { kind: 'postgres'; needsKeys?: string[]; drill: { application?: object; canaries?: object } };
/** What the plan says of keys elsewhere than in their own assets. */
const withoutKeys = (asset: Database) => {
  const { needsKeys: _, drill, ...rest } = asset;
  const { application: __, canaries: ___, ...others } = drill;
  return { ...rest, drill: others };
};

let directory: string;
let pipeline: Template;
let whole: Template[];
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'holdfast-without-keys-'));
  const { assets, ...plan } = parse(readFileSync('test/infra/existing-network.yaml', 'utf8')) as { assets: (Database | { kind: 'key' })[] };
  const file = join(directory, 'plan.yaml');
  const databases = assets.flatMap((asset) => (asset.kind === 'key' ? [] : withoutKeys(asset)));
  writeFileSync(file, stringify({ ...plan, assets: databases }));
  const made = synthesizeHere(file);
  pipeline = made.pipeline;
  whole = [made.vault, made.replicaVault, made.pipeline, made.recovery];
}, 180_000);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const named = (type: string, property: string, name: string) =>
  ofType(pipeline, type).find(([, { Properties }]) => Properties[property] === name)?.[1].Properties;

it('runs escrow once a day, for all that there is', () => {
  const schedule = named('AWS::Scheduler::Schedule', 'Name', 'escrow');
  expect(schedule).toMatchObject({ ScheduleExpression: expect.stringMatching(/^cron\(\d+ \d+ \* \* \? \*\)$/) as string });
  const target = schedule?.['Target'] as { Arn: string; Input: string } | undefined;
  expect(target?.Arn).toBe('arn:aws:states:eu-central-1:111122223333:stateMachine:holdfast-elsewhere-escrow');
  expect(EscrowInput.parse(JSON.parse(target?.Input ?? ''))).toEqual({});
  expect(named('AWS::StepFunctions::StateMachine', 'StateMachineName', 'holdfast-elsewhere-escrow')).toBeDefined();
});

it('opens envelopes of any key asset, and makes the locks of all longer', () => {
  const statements = rolePolicy([pipeline], 'holdfast-elsewhere-escrow-read-back').Statement;
  const open = statements.find(({ Action }) => [Action].flat().includes('kms:Decrypt'));
  expect(open?.Condition).toMatchObject({ StringLike: { 'kms:EncryptionContext:holdfast:key': ['?*'] } });
  const renew = named('AWS::Lambda::Function', 'FunctionName', 'holdfast-elsewhere-escrow-renew-locks');
  expect(renew?.['Environment']).toMatchObject({ Variables: { KEYS: '{}' } });
});

it('grants nothing that names no resource, and no context without a value', () => {
  const policies = whole.flatMap((template) => [
    ...ofType(template, 'AWS::IAM::Role').map(([id, { Properties }]) => [id, Properties['Policies']] as const),
    ...ofType(template, 'AWS::KMS::Key').map(([id, { Properties }]) => [id, Properties['KeyPolicy']] as const),
    ...ofType(template, 'AWS::S3::BucketPolicy').map(([id, { Properties }]) => [id, Properties['PolicyDocument']] as const),
  ]);
  expect(policies.length).toBeGreaterThan(20);
  for (const [id, policy] of policies) expect(JSON.stringify(policy) ?? '', id).not.toContain('[]');
});
