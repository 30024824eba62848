import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { exitCode } from '../../cli/exit-codes.ts';
import { buildProgram } from '../../cli/program.ts';
import type { CommonOptions } from '../../cli/program.ts';
import { VERBS } from '../../cli/verbs.ts';
import { FAILURES } from '../../core/failure/classes.ts';
import { PostgresAsset } from '../../core/plan/schema.ts';
import { holdfast, holdfastHere } from './run-holdfast.ts';

type Parsed = { verb: string; input: Record<string, unknown>; common: CommonOptions };

async function parse(words: readonly string[]): Promise<Parsed> {
  const parsed: Parsed[] = [];
  const program = buildProgram(
    VERBS,
    '0',
    { stdout: process.stdout },
    (verb, input, common) => void parsed.push({ verb: verb.name, input, common }),
  );
  await program.parseAsync([...words], { from: 'user' });
  const [only] = parsed;
  if (only === undefined) throw new Error(`${words.join(' ')} called no verb`);
  return only;
}

describe.each(VERBS.map((verb) => [verb.name, verb] as const))('the help of %s', (name, verb) => {
  test('has usage, examples and exit codes', async () => {
    const { code, stdout } = await holdfastHere([...name.split(' '), '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain(`Usage: holdfast ${name}`);
    expect(stdout).toContain('Examples:\n  npx holdfast ');
    for (const exit of ['Done', ...verb.exits, 'Unexpected'] as const) expect(stdout).toMatch(new RegExp(`^ +${exitCode(exit)}  `, 'm'));
    for (const option of ['--plan', '--output', '--quiet']) expect(stdout).toContain(option);
  });

  test('has examples that parse, each to this verb and to an input that it takes', async () => {
    expect(verb.examples.length).toBeGreaterThan(0);
    for (const example of verb.examples) {
      const [npx, program, ...words] = example.replace(/ > .*$/, '').split(' ');
      expect([npx, program]).toEqual(['npx', 'holdfast']);
      const parsed = await parse(words);
      expect(parsed.verb, example).toBe(name);
      expect(verb.input.safeParse(parsed.input).error?.issues ?? [], example).toEqual([]);
    }
  });
});

test('without a word the help lists every verb', async () => {
  const { code, stdout } = await holdfast([]);
  // Of a word that is no verb by itself what its verbs do, and not that there is a help of it.
  expect(stdout).not.toContain('see `npx holdfast');
  expect(stdout).toMatch(/plan .*Check a protection plan/);
  expect(code).toBe(0);
  for (const verb of VERBS) expect(stdout).toContain(`\n  ${verb.name.split(' ')[0]}`);
});

test('a list of verbs says of each word whether it is required, as the verb’s own usage does', async () => {
  const groups = Map.groupBy(VERBS, ({ name }) => (name.includes(' ') ? name.split(' ').slice(0, 1) : []).join(''));
  for (const [group, verbs] of groups) {
    const { stdout } = await holdfastHere([...group.split(' ').filter(Boolean), '--help']);
    for (const { name, positionals } of verbs)
      for (const { name: word, isRequired } of positionals.slice(0, 1))
        expect(stdout).toMatch(new RegExp(`\\n  ${name.split(' ').at(-1)} ${isRequired ? `<${word}>` : `\\[${word}\\]`} `));
  }
});

test('exit codes of classes do not collide with those of the command line', () => {
  const codes = (['Done', 'ProblemsFound', 'StoppedWatching'] as const).map(exitCode);
  expect(codes).toEqual([0, 1, 130]);
  for (const verb of VERBS)
    for (const exit of verb.exits) if (!['ProblemsFound', 'StoppedWatching'].includes(exit)) expect(codes).not.toContain(exitCode(exit));
});

test('every class of failure has its exit code in the help of some verb', () => {
  // Two stand in every help. A rotation is refused to Secrets Manager, and a message not delivered to a receiver: no verb speaks for these.
  const told = new Set<string>([
    'Unexpected',
    'OutputLost',
    'RotationRefused',
    'MessageNotDelivered',
    ...VERBS.flatMap((verb) => verb.exits),
  ]);
  expect(Object.keys(FAILURES).filter((name) => !told.has(name))).toEqual([]);
});

test.each(['README.md', 'docs/verify-evidence.md'])('every command of %s is one that a verb takes', async (file) => {
  const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
  const commands = [...text.matchAll(/^npx holdfast (.*)$/gm)].map(([, rest = '']) => rest.replace(/ +(#|>).*$/, ''));
  expect(commands.length).toBeGreaterThan(2);
  for (const command of commands) {
    const { verb: name, input } = await parse(command.split(' '));
    const verb = VERBS.find((one) => one.name === name) ?? expect.unreachable(command);
    expect(verb.input.safeParse(input).error?.issues ?? [], command).toEqual([]);
  }
});

test('assets of examples look like assets', () => {
  for (const verb of VERBS)
    for (const example of verb.examples)
      for (const [, asset] of example.matchAll(/ ([a-z-]+)\/\d{8}T/g)) expect(PostgresAsset.shape.id.safeParse(asset).success).toBe(true);
});
