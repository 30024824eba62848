import { expect, test } from 'vitest';
import { judgeTrails, type TrailFacts, type TrailSelector } from '../../../core/doctor/judge-trail.ts';

const all: TrailSelector = { hasManagement: true, hasWrites: true, leavesOut: [] };
const trail = (over: Partial<TrailFacts> = {}): TrailFacts => ({ name: 'audit', isLogging: true, selectors: [all], ...over });
const found = (trails: TrailFacts[], hasSecrets = true) => judgeTrails('eu-central-1', trails, hasSecrets).map(({ problem }) => problem);

test.each<[string, TrailFacts[], RegExp[]]>([
  ['one that records writes', [trail()], []],
  ['none at all', [], [/a rotation is only found by the daily run.*nobody knows by whom/]],
  ['one that is stopped', [trail({ isLogging: false })], [/No trail records/]],
  ['one of reads', [trail({ selectors: [{ ...all, hasWrites: false }] })], [/calls of KMS/, /calls of Secrets Manager/]],
  ['one of data alone', [trail({ selectors: [{ ...all, hasManagement: false }] })], [/calls of KMS/, /calls of Secrets Manager/]],
  ['one without KMS', [trail({ selectors: [{ ...all, leavesOut: ['kms.amazonaws.com'] }] })], [/leaves out the calls of KMS/]],
  ['one that a second one completes', [trail({ selectors: [{ ...all, leavesOut: ['kms.amazonaws.com'] }] }), trail()], []],
  ['one that tells nothing of itself', [trail({ selectors: undefined })], [/could not be looked at/]],
])('%s', (_, trails, problems) => {
  expect(found(trails)).toEqual(problems.map((problem) => expect.stringMatching(problem) as string));
});

test('where no secret holds a key, only those of KMS matter', () => {
  expect(found([trail({ selectors: [{ ...all, leavesOut: ['secretsmanager.amazonaws.com'] }] })], false)).toEqual([]);
});
