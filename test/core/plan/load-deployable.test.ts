import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { checkPlan } from '../../../core/plan/check.ts';
import { parsePlan, PlanInvalid } from '../../../core/plan/load.ts';
import { parseDeployablePlan, parseWholePlan } from '../../../core/plan/load-deployable.ts';
import { seededRandom } from '../../helpers/seeded-random.ts';
import { NOW } from './plan-fixture.ts';

const IDA = readFileSync(new URL('../../../plans/ida.yaml', import.meta.url), 'utf8');

function pathsOf(text: string, load = parseWholePlan): string[] {
  try {
    load(text, 'plan.yaml', NOW);
  } catch (error) {
    if (error instanceof PlanInvalid) return error.problems.map(({ path }) => path);
    throw error;
  }
  return expect.unreachable('the plan passed');
}

/** The shipped plan, with things wrong that only a rule finds. */
const CONTRADICTING = IDA.replace("cron: '15 1 * * ? *'", "cron: '15 1 * * *'")
  .replace('longestDetection: P14D', 'longestDetection: P90D')
  .replace('needsKeys: [wallet-encryption-key]', 'needsKeys: [nobodys-key]');
const FOUND_BY_RULES = ['assets[postgres].schedule.cron', 'assets[postgres].lock.length', 'assets[postgres].needsKeys[0]'];

test('what contradicts is found beside fields that are missing, misshapen or unknown', () => {
  const text = CONTRADICTING.replace(/^owner: .*\n/m, '')
    .replace('classification: restricted', 'classification: secret')
    .replace('network: { kind: new }', 'network: { kind: elsewhere }')
    .replace('rto: PT1H', 'rto: 1h, rt0: PT2H');
  const shape = ['owner', 'classification', 'network.kind', 'assets[postgres].objectives.rto', 'assets[postgres].objectives.rt0'];
  for (const load of [parseWholePlan, parseDeployablePlan])
    for (const path of [...shape, ...FOUND_BY_RULES]) expect(pathsOf(text, load)).toContain(path);
});

test('nothing is said of what stands in for a field: without each field of a faultless plan, that field alone is wrong', () => {
  const errors = checkPlan(parsePlan(IDA, 'ida.yaml'), NOW).filter(({ severity }) => severity === 'error');
  expect(errors).toEqual([]);
  const tried: string[] = [];
  const random = seededRandom('fields without which a plan is judged');
  const isTaken = () => process.env['HOLDFAST_SOAK'] === '1' || random.below(4) === 0;
  const without = (path: (string | number)[]) => {
    const plan = parse(IDA) as Record<string, unknown>;
    const around = path.slice(0, -1).reduce<unknown>((at, part) => (at as Record<string, unknown>)[part], plan) as Record<string, unknown>;
    const last = path.at(-1) ?? '';
    around[last] = { misshapen: true };
    tried.push(path.join('.'));
    const said = path.map((part) => (typeof part === 'number' ? '' : part)).at(-1) ?? '';
    try {
      parseWholePlan(stringify(plan), 'plan.yaml', NOW);
    } catch (error) {
      if (!(error instanceof PlanInvalid)) throw error;
      for (const { path: wrong } of error.problems) expect(wrong, path.join('.')).toContain(said);
    }
  };
  const walk = (value: unknown, path: (string | number)[]): void => {
    if (path.length > 0 && typeof path.at(-1) === 'string' && isTaken()) without(path);
    if (typeof value === 'object' && value !== null)
      for (const [key, inner] of Object.entries(value)) walk(inner, [...path, Array.isArray(value) ? Number(key) : key]);
  };
  walk(parse(IDA), []);
  expect(tried.length).toBeGreaterThan(5);
});

test('a file that is far from a plan is told by its shape alone', () => {
  for (const text of ['[]', 'assets: 3', 'x: 1', 'version: 1\nassets: [1, [2], {kind: key}]'])
    expect(pathsOf(text).length).toBeGreaterThan(0);
});

test('a field that stands there twice is named, with its line', () => {
  const twice = IDA.replace('rpo: PT1H,', 'rpo: PT1H, rpo: PT2H,');
  try {
    parsePlan(twice, 'plan.yaml');
    expect.unreachable();
  } catch (error) {
    const line = twice.split('\n').findIndex((text) => text.includes('rpo: PT2H')) + 1;
    expect((error as PlanInvalid).problems).toMatchObject([{ path: 'rpo', problem: expect.stringContaining('twice') as string, line }]);
  }
});
