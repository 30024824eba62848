/** Text that is HTML already. Everything else is escaped where it enters a template: forgetting to is not possible. */
export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type Content = Markup | string | number | undefined | readonly Content[];

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Control characters are shown as what they are: a name must not be able to turn the line around or end it. */
const CONTROL = /(?![\n\t])[\p{Cc}\p{Cf}\u2028\u2029]/gu;

export const escapeHtml = (text: string): string =>
  text
    .replace(CONTROL, (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`)
    .replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);

function toHtml(content: Content): string {
  if (content === undefined) return '';
  if (content instanceof Markup) return content.text;
  if (typeof content === 'string' || typeof content === 'number') return escapeHtml(String(content));
  return content.map(toHtml).join('');
}

/** What a reader sees of it, escaped. */
export const visibleText = (content: Content): string => toHtml(content).replaceAll(/<[^>]*>/g, ' ');

/** Of a template's own text the indentation is for those who read the source: in a page of many rows it would be a third of the bytes. */
const withoutIndents = new WeakMap<TemplateStringsArray, string[]>();
function textOf(strings: TemplateStringsArray): string[] {
  const known = withoutIndents.get(strings) ?? strings.map((text) => text.replaceAll(/\s*\n\s*/g, '\n'));
  withoutIndents.set(strings, known);
  return known;
}

/** A template in which every value is escaped, in text and in quoted attributes alike, unless it is markup itself. */
export const html = (strings: TemplateStringsArray, ...values: Content[]): Markup =>
  new Markup(textOf(strings).reduce((page, text, i) => page + toHtml(values[i - 1]) + text));
