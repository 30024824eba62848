/** A command as a person types it; words that are empty are left out. */
export const command = (...words: string[]) => ['npx holdfast', ...words.filter((word) => word !== '')].join(' ');

export const shellWord = (text: string): string => (/^[\w./:@-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`);
