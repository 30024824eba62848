import { describe, expect, it } from 'vitest';
import { findSelectionProblems } from '../../../core/restore/selection.ts';

describe('a selection', () => {
  it.each(['public.users', 'public."users"', '"public".users', 'PUBLIC.users'])('cannot ask for public.users and leave out %s', (name) => {
    expect(findSelectionProblems({ tables: ['public.users'], exclude: [name] })).toEqual([
      'exclude: public.users is asked for and excluded',
    ]);
  });

  it('can ask for a table and leave out another, with the same letters in its name', () => {
    expect(findSelectionProblems({ tables: ['public.users'], exclude: ['public."Users"', 'other.users'] })).toEqual([]);
  });
});
