import { array, assert, constant, constantFrom, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { interleave } from '../../../core/restore/interleave.ts';

type Piece = { table: string; bytes: number };
const order = (pieces: readonly Piece[]) =>
  interleave(
    pieces,
    ({ table }) => table,
    ({ bytes }) => bytes,
  );
const pieces = (table: string, ...bytes: number[]): Piece[] => bytes.map((each) => ({ table, bytes: each }));

describe('interleave', () => {
  it('alternates between the largest table and the others', () => {
    const names = order([...pieces('log', 9, 9, 9, 9), ...pieces('b', 8, 8), ...pieces('c', 7)]).map(({ table }) => table);
    expect(names).toEqual(['log', 'b', 'log', 'b', 'log', 'c', 'log']);
  });
  it('takes a table alone when there is no other', () => {
    expect(order(pieces('log', 1, 3, 2)).map(({ bytes }) => bytes)).toEqual([3, 2, 1]);
  });
  it('keeps every segment once, and sets equals apart wherever it can', () => {
    const piece = record({ table: constantFrom('a', 'b', 'c', 'd'), bytes: constant(10) });
    assert(
      property(array(piece, { maxLength: 40 }), (all) => {
        const found = order(all);
        expect(new Set(found)).toEqual(new Set(all));
        expect(found).toHaveLength(all.length);
        const most = Math.max(0, ...['a', 'b', 'c', 'd'].map((name) => all.filter(({ table }) => table === name).length));
        const touching = found.filter(({ table }, at) => at > 0 && found[at - 1]?.table === table).length;
        expect(touching).toBe(Math.max(0, most - (all.length - most) - 1));
      }),
    );
  });
});
