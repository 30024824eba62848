import { cpSync, existsSync, mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { holdfast, holdfastHere } from './run-holdfast.ts';

const IDA = fileURLToPath(new URL('../../plans/ida.yaml', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'holdfast-usage-'));
afterAll(() => rmSync(directory, { recursive: true }));

const errorOf = (stderr: string) => (JSON.parse(stderr) as { error: Record<string, unknown> }).error;

test('all that is wrong with the words is said at once', async () => {
  const { code, stdout, stderr } = await holdfast(['restore', '--output', 'xml', '--watch', 'x']);
  expect(code).toBe(64);
  expect(stdout).toBe('');
  expect(stderr).toContain('--watch is the ARN of an execution');
  expect(stderr).toContain('--output is text or json');
  const missing = await holdfastHere(['restore']);
  expect(missing.stderr).toContain('<point> is missing');
  expect(missing.stderr).toContain('--to is missing');
  expect(missing.stderr).toContain('npx holdfast restore --help');
});

test('names of tables are checked before anything is asked of AWS, all at once', async () => {
  const words = ['restore', 'latest', '--to', 'x', '--table', 'users', '--table', 'public.a', '--exclude', 'public.a', '--exclude', 'b'];
  const { code, stderr } = await holdfastHere(words);
  expect(code).toBe(64);
  for (const part of ['--table "users" is not a name', '--exclude "b" is not a name', '--exclude public.a is asked for and excluded'])
    expect(stderr).toContain(part);
});

test.each(['in-place', 'drop-and-create', 'clean-replay'])('what is replaced is replaced whole: %s', async (target) => {
  const { code, stderr } = await holdfastHere(['restore', 'latest', '--target', target, '--schema-only', '--exclude', 'public.log']);
  expect(code).toBe(64);
  expect(stderr).toContain(
    `--schema-only does not go with --target ${target}, which replaces the whole database, and every row of it would be gone`,
  );
  expect(stderr).toContain(`--exclude does not go with --target ${target}, which replaces the whole database`);
});

test('a directory that is not empty is refused before anything is asked of AWS, with the help of the verb that was given', async () => {
  const words = ['escrow', 'export', '--plan', IDA, '--to', fileURLToPath(new URL('.', import.meta.url))];
  const { code, stderr } = await holdfastHere(words);
  expect(code).toBe(64);
  expect(stderr).toMatch(/is not empty[^]*npx holdfast escrow export --help/);
});

test('with --output json the failure is one JSON object on standard error', async () => {
  const { code, stdout, stderr } = await holdfastHere(['list', '--limit', 'many', '--from', 'mars', '--output', 'json']);
  expect([code, stdout]).toEqual([64, '']);
  expect(errorOf(stderr)).toMatchObject({
    failure: 'BadInput',
    exitCode: 64,
    problems: ['--limit is a number', '--from is vault or replica'],
    advice: expect.stringContaining('--help') as string,
  });
});

test.each([
  [['lst'], "unknown command 'lst' (did you mean list?)"],
  [['list', '--lmit', '3'], "unknown option '--lmit' (did you mean --limit?)"],
  [['plan'], '`holdfast plan check`'],
  [['show', 'a', 'b', '--output=json'], 'too many arguments'],
  [['show', 'yesterday', '--plan', IDA], "'yesterday' is not a point"],
  [['backup', 'nobody', '--plan', IDA], 'ida has the databases postgres'],
  [['backup', '--finish', 'yesterday', '--plan', IDA], "'yesterday' is not a point"],
  [['backup', '--finish', 'postgres/latest', '--plan', IDA], '--finish names one point'],
  [['backup', 'postgres', '--finish', 'other/20261121T020000Z', '--plan', IDA], 'name two assets'],
  [['backup', '--finish', '20261121T020000Z', '--watch', 'arn:x', '--plan', IDA], '--finish starts an execution, and --watch starts none'],
  [['escrow', 'postgres', '--plan', IDA], 'ida has the keys wallet-encryption-key'],
  [['doctor', '--explicit', '--plan', IDA], '--explicit goes with --grants'],
  [['restore', 'latest', '--to', ' '], '--to is empty'],
  [['restore', 'latest', '--to', 'x'.repeat(64)], '--to has 64 bytes, and PostgreSQL allows 63'],
  [['list', '--local', '--profile', 'x', '--plan', IDA], '--local and --profile name two places'],
])('%j is answered with what is possible', async (words, answer) => {
  const { code, stdout, stderr } = await holdfastHere(words);
  expect(stderr).toContain(answer);
  expect([code, stdout]).toEqual([64, '']);
});

test('a plan is found, or what there is to choose from is named', async () => {
  const none = await holdfastHere(['plan', 'check'], { directory });
  expect(none).toMatchObject({ code: 64, stderr: expect.stringContaining('there is none in plans/') as string });

  mkdirSync(join(directory, 'plans'));
  writeFileSync(join(directory, 'plans', 'one.yaml'), 'version: 1\nsystem: One\n');
  const wrong = await holdfastHere(['plan', 'check', '--output', 'json'], { directory });
  expect(wrong.code).toBe(64);
  expect(errorOf(wrong.stderr)['problems']).toEqual(
    expect.arrayContaining([expect.objectContaining({ path: 'system' }), expect.objectContaining({ path: 'assets' })]),
  );

  writeFileSync(join(directory, 'plans', 'two.yaml'), '');
  const both = await holdfastHere(['plan', 'check'], { directory });
  expect(both.stderr).toContain('plans/ holds 2: one.yaml, two.yaml');

  const named = await holdfastHere(['plan', 'check'], { directory, environment: { HOLDFAST_PLAN: IDA } });
  expect(named.code).toBe(0);
  const missing = await holdfastHere(['plan', 'check', 'three.yaml'], { directory });
  expect(missing.stderr).toContain('three.yaml cannot be read (ENOENT)');
});

test('the findings of a plan are data as well as text', async () => {
  const { code, stdout } = await holdfastHere(['plan', 'check', IDA, '--output', 'json']);
  expect(code).toBe(0);
  const told = JSON.parse(stdout) as { isDeployable: boolean; findings: { severity: string }[] };
  expect(told.isDeployable).toBe(true);
  expect(told.findings.map((finding) => finding.severity)).not.toContain('error');
});

test('colours are for terminals', async () => {
  const { stdout, stderr } = await holdfast(['plan', 'check', IDA]);
  expect(stdout + stderr).not.toContain('\u001B');
});

test('without credentials, and where nobody answers, the way out is named and nothing hangs', async () => {
  const nobody = await holdfast(['list', '--plan', IDA, '--profile', 'nobody']);
  expect(nobody).toMatchObject({ code: 77, stderr: expect.stringContaining('--profile <name>') as string });
  // Of all systems at once as of one: no page is made of what nobody may read.
  mkdirSync(join(directory, 'all', 'plans'), { recursive: true });
  cpSync(IDA, join(directory, 'all', 'plans', 'ida.yaml'));
  const all = await holdfast(['report', '--all', '--profile', 'nobody'], { directory: join(directory, 'all') });
  expect(all).toMatchObject({ code: 77, stdout: '', stderr: nobody.stderr });
  expect(existsSync(join(directory, 'all', 'holdfast-report'))).toBe(false);
  const environment = { AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x', AWS_ENDPOINT_URL: 'http://127.0.0.1:9' };
  const silence = await holdfast(['backup', '--plan', IDA, '--output', 'json'], { environment });
  expect(silence.code).toBe(69);
  expect(errorOf(silence.stderr)).toMatchObject({ failure: 'AwsUnreachable' });
});
