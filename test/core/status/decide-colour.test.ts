import { describe, expect, test } from 'vitest';
import { canaryCheckName, recoveredCheckName } from '../../../core/drill/canary.ts';
import { DrillEvidence } from '../../../core/drill/contract.ts';
import { ReadBackFact } from '../../../core/escrow/facts.ts';
import { systemColour, type Colour } from '../../../core/status/colour.ts';
import { decideColour } from '../../../core/status/decide-colour.ts';
import { drillsOfPoints, knownKeys, summarizeDrill, summarizeKey } from '../../../core/status/summary.ts';
import { database, daysAgo, drill, drillEvidence, drillResult, hoursAgo, keyAsset, keyState, NOW, point } from './states.ts';

const evidence = (checks: { name: string; outcome: 'passed' | 'failed' }[]): DrillEvidence =>
  drillEvidence({
    point: 'p',
    from: 'vault',
    startedAt: daysAgo(3),
    judgedAt: daysAgo(3),
    result: drillResult({
      startedAt: daysAgo(3),
      finishedAt: daysAgo(3),
      consistentAt: daysAgo(3),
      checks: checks.map((check) => ({ ...check, kind: 'canary', expected: 'authenticated', measured: 'not authenticated' })),
      bytesRestored: 0,
    }),
    objectives: { rpoSeconds: 1, rtoSeconds: 2 },
    measured: { rpoSeconds: 10, rtoSeconds: 20, target: 'ephemeral PostgreSQL 16' },
  });

const readBack = (region: string, fingerprint: string, key = 'key') =>
  ReadBackFact.parse({
    format: 'holdfast/escrow-fact/v1',
    kind: 'readback',
    system: 'ida',
    key,
    fingerprint,
    id: 'r',
    at: hoursAgo(1),
    region,
    regionFingerprint: 'ff',
    envelopeVersionId: 'v',
  });

describe('summaries', () => {
  test('of a drill keep what was measured, and on what', () => {
    expect(summarizeDrill(evidence([]))).toMatchObject({
      outcome: 'passed',
      rpoSeconds: 10,
      rtoSeconds: 20,
      target: 'ephemeral PostgreSQL 16',
    });
  });
  test('of points tell of their drills', () => {
    const lastDrill = { at: daysAgo(1), outcome: 'failed' as const, rtoSeconds: 5, from: 'vault' as const, reasons: ['x'] };
    expect(drillsOfPoints([point(), point({ lastDrill })])).toMatchObject([{ at: daysAgo(1), outcome: 'failed', reasons: ['x'] }]);
  });
  test.each([
    [
      'a value opened',
      [
        { name: recoveredCheckName('key'), outcome: 'passed' },
        { name: canaryCheckName('key'), outcome: 'passed' },
      ],
      ['passed'],
    ],
    [
      'the value did not open',
      [
        { name: recoveredCheckName('key'), outcome: 'passed' },
        { name: canaryCheckName('key'), outcome: 'failed' },
      ],
      ['failed of another value'],
    ],
    ['the key could not be recovered', [{ name: recoveredCheckName('key'), outcome: 'failed' }], ['failed']],
    ['only recovered, nothing opened', [{ name: recoveredCheckName('key'), outcome: 'passed' }], []],
    ['another key’s value', [{ name: canaryCheckName('other'), outcome: 'passed' }], []],
  ] as const)('of a key’s proofs: %s', (_, checks, expected) => {
    const summary = summarizeKey('key', 'aa', [], [evidence([...checks])], 'eu-central-1');
    expect(summary.proofs.map(({ outcome, isOfOtherValue }) => (isOfOtherValue ? `${outcome} of another value` : outcome))).toEqual(
      expected,
    );
  });
  test('of a key’s read-backs know the place by the region', () => {
    const facts = [readBack('eu-central-1', 'aa'), readBack('eu-west-1', 'aa'), readBack('eu-west-1', 'aa', 'other')];
    expect(summarizeKey('key', 'aa', facts, [], 'eu-central-1').readBacks.map((found) => found.place)).toEqual(['vault', 'replica']);
  });
});

test.each([
  ['that was read and is empty is known', { versions: [], isKnown: true }, { key: [] }],
  ['that nobody could read is not known', { versions: [], isKnown: false }, {}],
])('an escrow %s', (_, state, expected) => {
  expect(knownKeys({ key: summarizeKey('key', undefined, [], [], 'eu-central-1', state) })).toEqual(expected);
});

describe('the colour of a system', () => {
  const plan = { assets: [database(), keyAsset()], gaps: [] };
  const key = keyState().summary;

  test('is that of its worst asset, and a database knows of its key', () => {
    const good = decideColour(plan, { points: { db: [point()] }, drills: { db: [drill()] }, keys: { key } }, NOW);
    expect(good).toMatchObject({ colour: 'green', assets: { db: { colour: 'green' }, key: { colour: 'green' } } });
    const lost = decideColour(
      plan,
      { points: { db: [point()] }, drills: { db: [drill()] }, keys: { key: { ...key, current: 'bb' } } },
      NOW,
    );
    expect(lost).toMatchObject({ colour: 'red', assets: { db: { colour: 'red', reasons: [{ code: 'key-not-recoverable' }] } } });
  });
  test('of which nothing is known is no data', () => {
    const none = decideColour(plan, { points: {}, drills: {}, keys: {} }, NOW);
    expect([none.colour, none.assets['db']?.colour, none.assets['key']?.colour]).toEqual(['no data', 'no data', 'no data']);
  });
  test.each<[Colour[], number, Colour]>([
    [[], 0, 'no data'],
    [['green'], 0, 'green'],
    [['green'], 1, 'amber'],
    [['no data', 'green'], 1, 'no data'],
    [['no data', 'red', 'green'], 0, 'red'],
  ])('%j with %i gaps is %s', (colours, gaps, expected) => {
    const statuses = colours.map((colour) => ({ colour, reasons: [] }));
    expect(systemColour(statuses, gaps)).toBe(expected);
  });
});
