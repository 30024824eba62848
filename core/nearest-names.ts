/** Which names somebody may have meant, for a message. Pure. */

const MOST_NAMED = 3;

/** What `asked` is one of, but for a slip in every third letter and for upper and lower case; nearest first. */
export function nearestNames(asked: string, known: readonly string[], ...forms: ((name: string) => string)[]): string[] {
  const [plain = (name: string) => name, ...others] = forms;
  const ways = [plain, ...others.map((form) => (name: string) => form(plain(name)))].map(
    (way) => (name: string) => way(name).toLowerCase(),
  );
  const slips = (name: string) =>
    Math.min(
      ...ways.map((way, index) => {
        const slip = distance(way(name), way(asked));
        // A part alone says less.
        return slip <= Math.max(1, Math.floor(way(asked).length / 3)) ? slip + index / 2 : Infinity;
      }),
    );
  return known
    .map((name) => ({ name, slips: slips(name) }))
    .filter((one) => one.slips < Infinity)
    .toSorted((a, b) => a.slips - b.slips)
    .slice(0, MOST_NAMED)
    .map(({ name }) => name);
}

/** Levenshtein distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
