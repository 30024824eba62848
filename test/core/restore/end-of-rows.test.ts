import { expect, it } from 'vitest';
import { END_OF_ROWS } from '../../../core/backup/segment-sql.ts';
import { EndMarkerMissing, withoutEndMarker } from '../../../core/restore/end-of-rows.ts';

/** Each chunk is overwritten once the next is asked for, as a buffer that was lent may be. */
async function* lent(text: string, cuts: readonly number[]) {
  for (const [index, from] of [0, ...cuts].entries()) {
    const chunk = Buffer.from(text.slice(from, cuts[index] ?? text.length));
    yield chunk;
    chunk.fill('x');
  }
}

async function rowsOf(text: string, cuts: readonly number[]): Promise<string> {
  let rows = '';
  for await (const chunk of withoutEndMarker(lent(text, cuts))) rows += Buffer.from(chunk).toString();
  return rows;
}

const rows = '1\ta\n2\tb\n';
const whole = rows + END_OF_ROWS;
const positions = Array.from({ length: whole.length + 1 }, (_, at) => at);

it('takes the marker off wherever chunks end, and keeps none of them', async () => {
  for (const first of positions)
    for (const second of positions.slice(first)) expect(await rowsOf(whole, [first, second]), `${first}, ${second}`).toBe(rows);
  expect(await rowsOf(END_OF_ROWS, [])).toBe('');
});

it('refuses rows without the marker, or with a part of it', async () => {
  for (const end of positions.slice(0, -1)) await expect(rowsOf(whole.slice(0, end), [3])).rejects.toThrow(EndMarkerMissing);
});
