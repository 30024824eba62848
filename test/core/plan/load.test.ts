import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { checkPlan } from '../../../core/plan/check.ts';
import { listFields } from '../../../core/plan/fields.ts';
import { parsePlan, PlanInvalid } from '../../../core/plan/load.ts';
import { NOW } from './plan-fixture.ts';

const isSoak = process.env['HOLDFAST_SOAK'] === '1';
const IDA = readFileSync(new URL('../../../plans/ida.yaml', import.meta.url), 'utf8');
type Tree = { [key: string | number]: Tree };

function problemsOf(text: string): PlanInvalid {
  try {
    parsePlan(text, 'plan.yaml');
  } catch (error) {
    if (error instanceof PlanInvalid) return error;
    throw error;
  }
  throw new Error('this plan was expected to be invalid');
}

/** IDA's plan with one value replaced; `undefined` removes it. */
function mutated(path: (string | number)[], value: unknown): string {
  const tree = parse(IDA) as Tree;
  const parent = path.slice(0, -1).reduce<Tree>((node, part) => node[part] as Tree, tree);
  const last = path.at(-1) as string;
  if (value === undefined) delete parent[last];
  else parent[last] = value as Tree;
  return stringify(tree);
}

describe('one wrong field', () => {
  it.each([
    [['version'], 2, 'version', '2', 'Give one of 1'],
    [['system'], 'IDA', 'system', "'IDA'", 'Write it in this form'],
    [['system'], 'a-system-with-a-long-name', 'system', 'a-system-with-a-long-name', 'at most 16'],
    [['owner'], undefined, 'owner', '(nothing)', 'Give text — Who owns the data'],
    [['owner'], '', 'owner', "''", 'at least 1'],
    [['classification'], 'secret', 'classification', "'secret'", 'Give one of public, internal, confidential, restricted'],
    [['home', 'region'], 'Frankfurt', 'home.region', "'Frankfurt'", 'AWS region'],
    [['home', 'account'], 123, 'home.account', '123', 'Give text'],
    [['home', 'account'], '123', 'home.account', "'123'", 'Account of the vault'],
    [['network'], { kind: 'own' }, 'network.kind', "'own'", 'Give one of existing, new'],
    [['network'], { kind: 'new', cidr: '10.0.0.0/30' }, 'network.cidr', "'10.0.0.0/30'", 'IPv4 range'],
    [['assets'], [], 'assets', 'a list of 0', 'at least 1'],
    [['assets', 0, 'kind'], 'mysql', 'assets[postgres].kind', "'mysql'", 'Give one of postgres, key'],
    [['assets', 0, 'id'], undefined, 'assets[0].id', '(nothing)', 'Name of the asset'],
    [['assets', 0, 'source', 'postgresMajor'], 9, 'assets[postgres].source.postgresMajor', '9', 'Give 13 or more'],
    [['assets', 0, 'source', 'postgresMajor'], '16', 'assets[postgres].source.postgresMajor', "'16'", 'Give a number'],
    [
      ['assets', 0, 'source', 'secret'],
      'arn:aws:x:y',
      'assets[postgres].source.secret',
      "'arn:aws:x:y'",
      'Name of the Secrets Manager secret',
    ],
    [['assets', 0, 'dump', 'schemaOnlyBeside'], 'yes', 'assets[postgres].dump.schemaOnlyBeside', "'yes'", 'Give true or false'],
    [['assets', 0, 'lock', 'length'], '30 days', 'assets[postgres].lock.length', "'30 days'", 'How long each point is locked'],
    [['assets', 0, 'lock', 'length'], 'P0D', 'assets[postgres].lock.length', "'P0D'", 'How long each point is locked'],
    [['assets', 0, 'lock', 'acknowledgedUntil'], 'soon', 'assets[postgres].lock.acknowledgedUntil', "'soon'", 'compliance mode'],
    [['assets', 0, 'drill', 'jobs'], 1.5, 'assets[postgres].drill.jobs', '1.5', 'Give a whole number'],
    [['assets', 0, 'drill', 'jobs'], null, 'assets[postgres].drill.jobs', 'null', 'Give a number'],
    [['assets', 0, 'drill', 'checks', 0, 'expect'], undefined, 'assets[postgres].drill.checks[0].expect', '(nothing)', 'Give a number'],
    [['assets', 0, 'drill', 'checks'], 'count', 'assets[postgres].drill.checks', "'count'", 'Give a list'],
    [['assets', 0, 'task'], { cpu: 300 }, 'assets[postgres].task.cpu', '300', 'Give one of 256, 512, 1024, 2048, 4096'],
    [['assets', 1, 'escrow', 'online'], false, 'assets[wallet-encryption-key].escrow.online', 'false', 'Give one of true'],
    [['gaps', 0, 'reason'], 'later', 'gaps[0].reason', "'later'", 'at least 10'],
  ])('%j = %j', (path, value, at, shown, fix) => {
    const { problems, message } = problemsOf(mutated(path, value));
    expect(problems.map((problem) => problem.path)).toEqual([at]);
    expect(problems[0]?.value).toContain(shown);
    expect(problems[0]?.fix).toContain(fix);
    expect(message).toContain('plan.yaml');
  });

  it('is found on its line', () => {
    const text = IDA.replace('ivBytes: 12', 'ivBytes: 99');
    const line = text.split('\n').findIndex((row) => row.includes('ivBytes')) + 1;
    expect(problemsOf(text).problems[0]?.line).toBe(line);
    expect(problemsOf(text).message).toContain(`plan.yaml:${line}: error: assets[postgres].drill.canaries[0].ivBytes = 99`);
  });

  it.each([
    ['shedule', 'Did you mean `schedule`?'],
    ['retenton', 'Did you mean `retention`?'],
    ['xyz', 'Remove it; known here: id, description'],
  ])('that is misspelt as %s', (name, fix) => {
    const [problem] = problemsOf(mutated(['assets', 0, name], 'value that nobody shall see')).problems;
    expect(problem).toMatchObject({ path: `assets[postgres].${name}`, value: '(not shown)' });
    expect(problem?.fix).toContain(fix);
  });
});

describe('several at once', () => {
  it('are all reported', () => {
    const text = IDA.replace('version: 1', 'version: 3')
      .replace('home: { region: eu-central-1 }', 'home: {}')
      .replace('format: custom', 'format: tar')
      .replace('jobs: 4', 'jobs: 64')
      .replace('hot: P30D', 'hot: thirty days')
      .replace('kind: key', 'kind: secret')
      .replace('operator:', 'operators:');
    expect(problemsOf(text).problems.map((problem) => problem.path)).toEqual([
      'version',
      'operator',
      'home.region',
      'assets[postgres].dump.format',
      'assets[postgres].retention.hot',
      'assets[postgres].drill.jobs',
      'assets[wallet-encryption-key].kind',
      'operators',
    ]);
  });

  it('across fields are all reported too', () => {
    const plan = parsePlan(IDA, 'ida.yaml');
    plan.replica.region = plan.home.region;
    plan.roles.approvers = plan.roles.requesters;
    const [database] = plan.assets;
    if (database?.kind !== 'postgres') throw new Error('the first asset is the database');
    database.gaps = [];
    database.lock.longestDetection = 'P60D';
    database.needsKeys.push('other-key');
    database.task.memoryMiB = 1000;
    database.drill.period = 'P1M';
    const errors = checkPlan(plan, NOW).filter(({ severity }) => severity === 'error');
    expect(errors.map(({ path }) => path)).toEqual([
      'assets[postgres].objectives.rpo',
      'assets[postgres].drill.period',
      'assets[postgres].lock.length',
      'replica.region',
      'assets[postgres].needsKeys[1]',
      'roles.approvers[0]',
      'assets[postgres].task.memoryMiB',
    ]);
    for (const { value, problem, fix } of errors) expect([value, problem, fix].every((text) => text.length > 3)).toBe(true);
  });
});

describe('text that is no plan', () => {
  it.each([
    ['', '(file)', 'empty'],
    ['# nothing\n', '(file)', 'empty'],
    ['- a\n- b\n', '(plan)', 'Expected object'],
    ['a: 1\n---\nb: 2\n', '(file)', 'One file holds one plan'],
    ['a: [1, 2\nb: }', '(file)', 'cannot be read as YAML'],
    ['a: 1\na: 2\n', 'a', 'twice'],
    ['a: *nowhere\n', '(file)', 'alias'],
    ['a: &a [x]\nb: &b [*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c]\n', '(file)', 'aliases'],
  ])('%j', (text, path, problem) => {
    const invalid = problemsOf(text);
    expect(invalid.problems[0]?.path).toBe(path);
    expect(JSON.stringify(invalid.problems)).toContain(problem);
  });

  it('is told by its first lines, and not by each that is no YAML', () => {
    const { problems } = problemsOf(readFileSync(new URL('../../../README.md', import.meta.url), 'utf8'));
    expect(problems.length).toBeLessThan(6);
    expect(problems.at(-1)?.value).toMatch(/^\d+ more lines$/);
  });

  it('is always answered with PlanInvalid', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.json()), (text) => {
        expect(problemsOf(text).problems.length).toBeGreaterThan(0);
      }),
      { numRuns: isSoak ? 200 : 100 },
    );
  });

  it('is so wherever any value of a good plan is replaced by another kind of value', () => {
    const leaves = leafPaths(parse(IDA) as Tree);
    fc.assert(
      fc.property(fc.constantFrom(...leaves), fc.constantFrom({ a: { b: 1 } }, [[]], 1e21), (path, value) => {
        const invalid = problemsOf(mutated(path, value));
        expect(
          invalid.problems.some(
            (problem) => problem.path.endsWith(String(path.findLast((part) => typeof part === 'string'))) || /\[\d+\]$/.test(problem.path),
          ),
        ).toBe(true);
      }),
      { numRuns: isSoak ? 150 : 40 },
    );
  });
});

function leafPaths(node: unknown, path: (string | number)[] = []): (string | number)[][] {
  if (Array.isArray(node)) return node.flatMap((item, i) => leafPaths(item, [...path, i]));
  if (typeof node === 'object' && node !== null) return Object.entries(node).flatMap(([key, value]) => leafPaths(value, [...path, key]));
  // A number is a number: 1e21 is a fine `expect`.
  return path.at(-1) === 'expect' ? [] : [path];
}

describe('secrets that were pasted into a plan', () => {
  const planted = [
    'hunter2-Correct-Horse!',
    '://ida:s3cretPassw0rd@db.example.org/ida',
    'AKIAIOSFODNN7EXAMPLE',
    'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----',
    'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl',
  ];
  const places: (string | number)[][] = [
    ['home', 'region'],
    ['assets', 0, 'source', 'password'],
    ['assets', 0, 'source', 'tls'],
    ['assets', 0, 'lock', 'length'],
    ['assets', 0, 'drill', 'jobs'],
    ['assets', 1, 'kind'],
    ['gaps'],
  ];
  it.each(planted)('%j is in no message', (secret) => {
    for (const place of places) {
      const invalid = problemsOf(mutated(place, secret));
      const told = invalid.message + JSON.stringify(invalid.problems);
      for (let i = 0; i + 6 <= secret.length; i++) expect(told).not.toContain(secret.slice(i, i + 6).replaceAll('\n', '\\n'));
    }
  });

  it('stay out of messages about unreadable text', () => {
    expect(problemsOf('password: "hunter2-hunter2\nb: {').message).not.toContain('hunter2');
    expect(problemsOf('hunter2-hunter2: hunter2: x').message).not.toContain('hunter2');
  });

  it('are no excuse to hide what is no secret', () => {
    expect(problemsOf(mutated(['home', 'region'], 'eu-central-1x')).problems[0]?.value).toBe("'eu-central-1x'");
    expect(listFields().length).toBeGreaterThan(90);
  });
});
