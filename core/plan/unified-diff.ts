/** Two texts as a unified diff, as `git apply` and `patch` take it. */

type Line = { sign: ' ' | '-' | '+'; text: string };
const CONTEXT = 3;

/** Empty when they are the same. */
export function unifiedDiff(before: string, after: string, fileName: string): string {
  if (before === after) return '';
  const lines = compare(linesOf(before), linesOf(after));
  return [`--- a/${fileName}`, `+++ b/${fileName}`, ...hunks(lines)].join('\n') + '\n';
}

/** The last line without its line end is a line of its own to `patch`. */
const linesOf = (text: string): string[] => {
  const lines = text.split('\n');
  const rest = lines.pop() ?? '';
  return rest === '' ? lines : [...lines, `${rest}\n\\ No newline at end of file`];
};

/** The longest common subsequence: plans have some hundred lines. */
function compare(a: readonly string[], b: readonly string[]): Line[] {
  const lengths = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1));
  const at = (i: number, j: number) => lengths[i]?.[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--) {
      const row = lengths[i];
      if (row) row[j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  const found: Line[] = [];
  for (let i = 0, j = 0; i < a.length || j < b.length;) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      found.push({ sign: ' ', text: a[i] ?? '' });
      i++;
      j++;
    } else if (i < a.length && (j === b.length || at(i + 1, j) >= at(i, j + 1))) found.push({ sign: '-', text: a[i++] ?? '' });
    else found.push({ sign: '+', text: b[j++] ?? '' });
  }
  return found;
}

function* hunks(lines: readonly Line[]): Generator<string> {
  const isNear = lines.map((_, i) => lines.slice(Math.max(0, i - CONTEXT), i + CONTEXT + 1).some(({ sign }) => sign !== ' '));
  let [from, to] = [1, 1];
  for (let i = 0; i < lines.length;) {
    const end = isNear.indexOf(!(isNear[i] ?? false), i);
    const part = lines.slice(i, end === -1 ? lines.length : end);
    const [removed, added] = [part.filter(({ sign }) => sign !== '+').length, part.filter(({ sign }) => sign !== '-').length];
    if (isNear[i]) {
      yield `@@ -${removed === 0 ? from - 1 : from},${removed} +${added === 0 ? to - 1 : to},${added} @@`;
      for (const { sign, text } of part) yield sign + text;
    }
    [from, to] = [from + removed, to + added];
    i += part.length;
  }
}
