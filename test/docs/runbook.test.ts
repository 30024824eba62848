import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FAILURES } from '../../core/failure/classes.ts';

const headings = new Set(
  readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('### '))
    .map((line) => line.slice(4).trim()),
);

describe('the runbook', () => {
  it.each(Object.keys(FAILURES))('has a heading for %s', (name) => expect(headings).toContain(name));

  it.each([
    'Unfinished points',
    'Half-made databases',
    'Evidence of a restore',
    'A ceremony was broken off',
    'The shares were not all typed',
    'Approvals',
  ])('has the heading %s, which a message names', (name) => expect(headings).toContain(name));

  it('gives every class an exit code of its own', () => {
    const codes = Object.values(FAILURES).map((failure) => failure.exitCode);
    expect(new Set(codes).size).toBe(codes.length);
  });
});
