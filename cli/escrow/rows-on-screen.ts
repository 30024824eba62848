/** Where letters begin that may be two columns wide. */
const FIRST_WIDE = 0x1100;
const USUAL_COLUMNS = 80;

/** How many rows of a terminal a line takes, at most: to wipe one row too many costs a sentence, one too few leaves part of a share. */
export function rowsOnScreen(line: string, columns: number | undefined): number {
  const points = Array.from(line, (character) => character.codePointAt(0) ?? 0);
  const hasWide = points.some((point) => point >= FIRST_WIDE);
  const width = points.reduce((sum, point) => sum + (point >= FIRST_WIDE ? 2 : 1), 0);
  // A wide letter that does not fit leaves a column free. A line that fills its row to the end may have begun the next one.
  const usable = Math.max(1, (columns || USUAL_COLUMNS) - (hasWide ? 1 : 0));
  return Math.floor(width / usable) + 1;
}
