import type { Fields } from './definition.ts';

/**
 * A text of each asset, each different one once: databases of one host are often stopped and asked alike, and the variables that one
 * state assigns have 256 KiB together.
 */
export function sharedTexts(byAsset: Readonly<Record<string, string>>): Fields {
  const texts = [...new Set(Object.values(byAsset))];
  return { texts, of: Object.fromEntries(Object.entries(byAsset).map(([asset, text]) => [asset, texts.indexOf(text)])) };
}

/** JSONata: that of `$asset` in a variable of such texts; nothing when it has none. */
export const sharedText = (variable: string) => `${variable}.texts[$lookup(${variable}.of, $asset)]`;
