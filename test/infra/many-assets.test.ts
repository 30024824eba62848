/** A plan of 200 databases: what belongs to one of them stands in a numbered stack, which its id alone chooses. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { assetStackName } from '../../core/names.ts';
import { ASSET_STACKS, assetStackOf } from '../../core/plan/asset-stack.ts';
import { ofType, synthesize, type Template } from './synthesized.ts';

const COUNT = 200;
const NUMBERS = Array.from({ length: ASSET_STACKS }, (_, n) => n + 1);
const SYNTHESIS_MS = 180_000;
const id = (number: number) => `tenant-${String(number).padStart(3, '0')}`;

let directory: string;
let stacks: Record<string, Template>;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'holdfast-many-'));
  const plan = parse(readFileSync('plans/nmia.yaml', 'utf8')) as {
    agreement?: object;
    assets: { id: string; kind: string; source: object; restore?: object }[];
  };
  const [database, key] = ['postgres', 'key'].map((kind) => plan.assets.find((asset) => asset.kind === kind)!);
  const assets = [
    ...Array.from({ length: COUNT - 1 }, (_, number) => ({
      ...database,
      id: id(number),
      source: { ...database?.source, secret: `nmia/${id(number)}` },
      restore: { ...database?.restore, secret: `nmia/${id(number)}-restore` },
    })),
    key,
  ];
  const file = join(directory, 'many.yaml');
  // What was agreed of the shipped plan names its own assets.
  const { agreement: _, ...rest } = plan;
  writeFileSync(file, stringify({ ...rest, assets }, { aliasDuplicateObjects: false }));
  ({ stacks } = synthesize(file));
}, SYNTHESIS_MS);

afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** The assets that a stack has schedules of, of backup, escrow or drill. */
const scheduledIn = (template: Template): string[] => [
  ...new Set(
    ofType(template, 'AWS::Scheduler::Schedule').map(([, { Properties }]) =>
      String(Properties['Name']).replace(/-(backup|escrow|drill)$/, ''),
    ),
  ),
];

describe('a plan of 200 assets', () => {
  it('stands in stacks that CloudFormation takes', () => {
    const names = Object.keys(stacks).map((name) => name.replace('holdfast-nmia-', ''));
    expect(names).toEqual([
      'vault',
      'replica-vault',
      'pipeline',
      'recovery',
      ...NUMBERS.map((n) => `pipeline-${n}`),
      ...NUMBERS.map((n) => `recovery-${n}`),
    ]);
    for (const [name, template] of Object.entries(stacks)) {
      expect(Object.keys(template.Resources).length, name).toBeLessThan(450);
      expect(JSON.stringify(template).length, name).toBeLessThan(900_000);
    }
  });

  it('has each asset in the stack that its id says, in both regions', () => {
    for (const side of ['vault', 'replica'] as const) {
      const placed = NUMBERS.flatMap((number) =>
        scheduledIn(stacks[assetStackName('nmia', number, side)]!).map((asset) => ({ asset, number })),
      );
      expect(placed).toHaveLength(side === 'vault' ? COUNT : COUNT - 1);
      for (const { asset, number } of placed) expect(assetStackOf(asset), asset).toBe(number);
    }
    expect(scheduledIn(stacks['holdfast-nmia-pipeline']!)).not.toContain(id(0));
  });

  it('has roles, keys and buckets whose policies their services take', () => {
    for (const [name, template] of Object.entries(stacks)) {
      for (const [role, { Properties }] of ofType(template, 'AWS::IAM::Role')) {
        const policies = (Properties['Policies'] ?? []) as { PolicyDocument: unknown }[];
        const characters = policies.reduce((sum, { PolicyDocument }) => sum + JSON.stringify(PolicyDocument).length, 0);
        expect(characters, `${name} ${role}`).toBeLessThan(10_240);
      }
      for (const [bucket, { Properties }] of ofType(template, 'AWS::S3::BucketPolicy'))
        expect(JSON.stringify(Properties['PolicyDocument']).length, `${name} ${bucket}`).toBeLessThan(20_480);
      for (const [key, { Properties }] of ofType(template, 'AWS::KMS::Key'))
        expect(JSON.stringify(Properties['KeyPolicy']).length, `${name} ${key}`).toBeLessThan(32_768);
    }
  });

  it('has functions, schedules and machines whose limits hold', () => {
    for (const [name, template] of Object.entries(stacks)) {
      for (const [id, { Properties }] of ofType(template, 'AWS::Lambda::Function')) {
        const { Variables = {} } = (Properties['Environment'] ?? {}) as { Variables?: object };
        expect(JSON.stringify(Variables).length, `${name} ${id}`).toBeLessThan(4096);
      }
      for (const [id, { Properties }] of ofType(template, 'AWS::Scheduler::Schedule')) {
        const { Input = '' } = Properties['Target'] as { Input?: string };
        expect(Input.length, `${name} ${id}`).toBeLessThan(256_000);
      }
      for (const [id, { Properties }] of ofType(template, 'AWS::StepFunctions::StateMachine'))
        expect(String(Properties['DefinitionString']).length, `${name} ${id}`).toBeLessThan(1_000_000);
    }
  });
});

describe('the stack of an asset', () => {
  it('is the same for ever', () =>
    expect(['postgres', 'wallet-encryption-key', 'secret-key', id(0)].map(assetStackOf)).toEqual([9, 6, 6, 15]));

  it('is chosen evenly', () => {
    const counts = Map.groupBy(
      Array.from({ length: 10_000 }, (_, n) => assetStackOf(id(n))),
      (number) => number,
    );
    for (const number of counts.keys()) expect(NUMBERS.includes(number)).toBe(true);
    for (const { length } of counts.values()) expect(Math.abs(length - 500)).toBeLessThan(100);
  });
});
