import { expect, it } from 'vitest';
import { decideVerdict } from '../../../core/doctor/verdict.ts';

const of = (...severities: ('error' | 'warning' | 'gap')[]) => decideVerdict(severities.map((severity) => ({ severity })));

it.each([
  [[], true, /^Nothing here keeps a backup from being made and restored$/],
  [['gap'], true, /^Nothing here keeps/],
  [['warning'], true, /^No error, and 1 warning: look at it before/],
  [['warning', 'gap', 'warning'], true, /^No error, and 2 warnings: look at them before/],
  [['warning', 'error'], false, /^A backup or a restore would fail/],
] as const)('the last line denies nothing that stands above it: %j', (severities, isReady, sentence) => {
  const verdict = of(...severities);
  expect(verdict.isReady).toBe(isReady);
  expect(verdict.sentence).toMatch(sentence);
});

it('counts what it was made of', () => expect(of('error', 'warning', 'warning', 'gap')).toMatchObject({ errors: 1, warnings: 2 }));
