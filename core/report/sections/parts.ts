/** Pieces that several sections share. */
import type { Colour, Status } from '../../status/colour.ts';
import { html, visibleText, type Content, type Markup } from '../html.ts';
import { instantText } from '../../quantities.ts';

const CLASSES: Record<Colour, string> = { green: 'green', amber: 'amber', red: 'red', 'no data': 'none' };
const WORDS: Record<Colour, string> = { green: 'Green', amber: 'Amber', red: 'Red', 'no data': 'No data' };

export const pill = (colour: Colour, word: string = WORDS[colour]): Markup => html`<span class="pill ${CLASSES[colour]}">${word}</span>`;
export const largePill = (colour: Colour): Markup => html`<span class="pill large ${CLASSES[colour]}">${WORDS[colour]}</span>`;

/** Breaks between date and time only. */
export const time = (instant: string): Markup => {
  const [date = '', ...rest] = instantText(instant).split(' ');
  if (Number.isNaN(Date.parse(instant))) return html`<span>${instant}</span>`;
  return html`<time datetime="${instant}"><span>${date}</span> <span>${rest.join(' ')}</span></time>`;
};
export const no = (text = 'no'): Markup => html`<span class="soft">${text}</span>`;

export const reasonList = ({ reasons }: Status): Markup =>
  html`<ul class="reasons">
    ${reasons.map(({ colour, text }) => html`<li>${pill(colour)}<span>${text}</span></li>`)}
  </ul>`;

export const section = (id: string, title: string, lead: string, content: Content): Markup =>
  html`<section aria-labelledby="${id}">
    <h2 id="${id}">${title}</h2>
    <p class="lead">${lead}</p>
    ${content}
  </section>`;

/** A longer word may be cut anywhere; a shorter one, such as the id of a point, reads badly in two halves. */
const WHOLE_LETTERS = 16;
const LONG_WORD = new RegExp(`[^\\s-]{${WHOLE_LETTERS + 1}}`);
const LONG = html`class="long"`;

/** Its first cell names the row. */
function tableRow(cells: readonly Content[], headers: readonly string[]): Markup {
  const [first, ...rest] = cells.map((cell) => ({ cell, long: LONG_WORD.test(visibleText(cell)) ? LONG : undefined }));
  return html`<tr role="row">
    <th scope="row" role="rowheader" ${first?.long}>${first?.cell}</th>
    ${rest.map(({ cell, long }, i) => html`<td role="cell" data-label="${headers[i + 1] ?? ''}" ${long}><span>${cell}</span></td>`)}
  </tr>`;
}

/**
 * A table that becomes a list of labelled lines on a narrow screen. Browsers drop a table's meaning once its display changes, so the
 * roles are spelled out.
 * @param rows first cell names the row
 */
export function table(caption: string, headers: readonly string[], rows: readonly (readonly Content[])[]): Markup {
  const head = headers.map((header) => html`<th scope="col" role="columnheader">${header}</th>`);
  return html`<table role="table">
    <caption>
      ${caption}
    </caption>
    <thead role="rowgroup">
      <tr role="row">
        ${head}
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${rows.map((row) => tableRow(row, headers))}
    </tbody>
  </table>`;
}
