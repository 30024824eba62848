/** Turns what zod found into a problem that a reader of the YAML file understands, with the fix. */
import type { z } from 'zod';
import { nearestNames } from '../nearest-names.ts';
import { fieldAt } from './fields.ts';

type Issue = z.core.$ZodIssue;
export type Explained = { path: readonly PropertyKey[]; value?: string; problem: string; fix: string };

/** @param data the parsed YAML, to tell which kind of asset a path is in */
export function explainIssue(issue: Issue, data: unknown): Explained[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => explainUnknownKey(issue.path, key, data));
  const field = fieldAt(issue.path, data);
  const meaning = field?.meaning ?? 'see docs/plan-reference.md';
  return [{ path: issue.path, problem: problemOf(issue), fix: `${fixOf(issue, field?.options ?? [])} — ${meaning}` }];
}

/** The value of an unknown field is not shown: it may be a password. */
function explainUnknownKey(path: readonly PropertyKey[], key: string, data: unknown): Explained {
  const known = fieldAt(path, data)?.children ?? [];
  const near = nearestNames(key, known);
  const fix =
    near.length > 0 ? `Did you mean ${near.map((name) => `\`${name}\``).join(' or ')}?` : `Remove it; known here: ${known.join(', ')}`;
  return { path: [...path, key], value: '(not shown)', problem: 'There is no such field', fix };
}

function problemOf(issue: Issue): string {
  if (issue.code === 'invalid_type' && issue.message.endsWith('received undefined')) return 'This field is required';
  if (issue.code === 'invalid_format' && issue.format === 'regex') return `This must be ${issue.message}`;
  return issue.message.replace(/^Invalid (input|option): e/, 'E');
}

function fixOf(issue: Issue, options: readonly string[]): string {
  if (issue.code === 'invalid_value') return `Give one of ${issue.values.map(String).join(', ')}`;
  if (options.length > 0) return `Give one of ${options.join(', ')}`;
  if (issue.code === 'invalid_type') return `Give ${article(issue.expected)}`;
  if (issue.code === 'too_small') return `Give ${isCounted(issue.origin) ? `at least ${issue.minimum}` : `${issue.minimum} or more`}`;
  if (issue.code === 'too_big') return `Give ${isCounted(issue.origin) ? `at most ${issue.maximum}` : `${issue.maximum} or less`}`;
  return 'Write it in this form';
}

const isCounted = (origin: string) => origin === 'array' || origin === 'string';

const article = (type: string) =>
  ({ string: 'text', int: 'a whole number', number: 'a number', boolean: 'true or false', object: 'an object', array: 'a list' })[type] ??
  `a value of type ${type}`;
