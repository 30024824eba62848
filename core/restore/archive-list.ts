/** The list of an archive's entries, as `pg_restore --list` writes and `--use-list` reads it, without some extensions. */
export function dropExtensionEntries(list: string, extensions: readonly string[]): string {
  const isDropped = (line: string) => {
    const entry = /^\d+; \d+ \d+ (EXTENSION|COMMENT) - (.*?) *$/.exec(line);
    return entry !== null && extensions.some((name) => (entry[1] === 'EXTENSION' ? entry[2] === name : entry[2] === `EXTENSION ${name}`));
  };
  return list
    .split('\n')
    .map((line) => (isDropped(line) ? `;${line}` : line))
    .join('\n');
}
