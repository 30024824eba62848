import { array, assert, constantFrom, integer, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TableTurns } from '../../../core/restore/table-turns.ts';

type Piece = { table: string; bytes: number };
const pieces = (table: string, ...bytes: number[]): Piece[] => bytes.map((each) => ({ table, bytes: each }));
const turnsOf = (all: readonly Piece[]) =>
  new TableTurns(
    all,
    ({ table }) => table,
    ({ bytes }) => bytes,
  );

/** Sessions that load a byte in a tick: what they took in turn, how often a table had two of them, and how often it need not have had. */
function load(all: readonly Piece[], sessions: number) {
  const turns = turnsOf(all);
  const iterator = turns[Symbol.iterator]();
  const busy: { piece: Piece; until: number }[] = [];
  const taken: Piece[] = [];
  let now = 0;
  let shared = 0;
  let avoidable = 0;
  for (;;) {
    while (busy.length < sessions) {
      const left = new Set(all.filter((piece) => !taken.includes(piece)).map(({ table }) => table));
      const loading = new Set(busy.map(({ piece }) => piece.table));
      const { value } = iterator.next();
      if (value === undefined) break;
      if (loading.has(value.table)) {
        shared++;
        if ([...left].some((table) => !loading.has(table))) avoidable++;
      }
      taken.push(value);
      busy.push({ piece: value, until: now + value.bytes });
    }
    const first = busy.toSorted((a, b) => a.until - b.until)[0];
    if (first === undefined) return { taken, shared, avoidable };
    now = first.until;
    busy.splice(busy.indexOf(first), 1);
    turns.leave(first.piece);
  }
}

describe('TableTurns', () => {
  it('keeps one session at the largest table and sends the other around', () => {
    const { taken, shared } = load([...pieces('log', 9, 9, 9, 9), ...pieces('b', 8, 8), ...pieces('c', 7)], 2);
    expect(taken.map(({ table }) => table)).toEqual(['log', 'b', 'b', 'log', 'c', 'log', 'log']);
    expect(shared).toBe(1); // the last of the log, when nothing else is left
  });
  it('stays apart when segments take longer than they were thought to', () => {
    // A fixed order would give the second session the log while the first is still at it.
    const many = Array.from({ length: 15 }, () => 4);
    expect(load([...pieces('log', 30, 30), ...pieces('b', ...many)], 2).shared).toBe(0);
  });
  it('takes a table alone, the largest segment first, when there is no other', () => {
    expect([...turnsOf(pieces('log', 1, 3, 2))].map(({ bytes }) => bytes)).toEqual([3, 2, 1]);
  });
  it('hands out every segment once, and never two of one table while another waits untouched', () => {
    const piece = record({ table: constantFrom('a', 'b', 'c', 'd'), bytes: integer({ min: 1, max: 20 }) });
    assert(
      property(array(piece, { maxLength: 40 }), integer({ min: 1, max: 4 }), (all, sessions) => {
        const { taken, avoidable } = load(all, sessions);
        expect(new Set(taken)).toEqual(new Set(all));
        expect(taken).toHaveLength(all.length);
        expect(avoidable).toBe(0);
      }),
    );
  });
});
