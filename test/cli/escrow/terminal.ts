/** What somebody sees who looks at a terminal, or scrolls it back. Knows what a line editor and these questions send, and nothing more. */
export type Terminal = { write(text: string): void; /** Every row that there is, from the first one. */ text(): string };

const SENT = new RegExp(`${String.fromCodePoint(27)}\\[\\??(\\d*)([A-Za-z])|([\\s\\S])`, 'gu');

export function createTerminal(columns: number): Terminal {
  const rows: string[][] = [[]];
  let [row, column] = [0, 0];
  const rowAt = (index: number) => (rows[index] ??= []);
  const control: Record<string, (count: number) => void> = {
    A: (count) => (row = Math.max(0, row - (count || 1))),
    C: (count) => (column = Math.min(columns - 1, column + (count || 1))),
    D: (count) => (column = Math.max(0, column - (count || 1))),
    G: (count) => (column = (count || 1) - 1),
    J: (count) => {
      if (count !== 0) throw new Error('only what is below is cleared here');
      rowAt(row).splice(column);
      rows.splice(row + 1);
    },
    K: (count) => rowAt(row).splice(count === 2 ? 0 : column),
    m: () => undefined,
  };
  const put = (character: string) => {
    // As terminals do: the next row begins with the first character that needs it.
    if (column === columns) [row, column] = [row + 1, 0];
    const cells = rowAt(row);
    while (cells.length < column) cells.push(' ');
    cells[column] = character;
    column += 1;
  };
  return {
    write(text) {
      for (const [, count, letter, character] of text.matchAll(SENT)) {
        if (letter !== undefined) {
          const act = control[letter];
          if (!act) throw new Error(`this terminal does not know ESC [ ${count}${letter}`);
          act(Number(count ?? 0));
        } else if (character === '\r') column = 0;
        else if (character === '\n') rowAt((row += 1));
        else if (character === '\b') column = Math.max(0, Math.min(column, columns - 1) - 1);
        else if (character !== undefined && character >= ' ') put(character);
      }
    },
    text: () => rows.map((cells) => cells.join('')).join('\n'),
  };
}
