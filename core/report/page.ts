import { createHash } from 'node:crypto';
import { html, Markup, visibleText, type Content } from './html.ts';
import { STYLES } from './styles.ts';

/** The one style sheet and nothing else: no script, no request, whatever a name in the data says. */
const POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLES).digest('base64')}'`;

/** Verbatim: the policy names the hash of every byte between the tags. */
const STYLE_SHEET = new Markup(`<style>${STYLES}</style>`);

/** One file that needs nothing beside it. */
export const renderPage = ({ title, body }: { title: string; body: Content }): string =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
        <meta name="referrer" content="no-referrer" />
        <title>${title}</title>
        ${STYLE_SHEET}
      </head>
      <body>
        ${body}
      </body>
    </html> `.text;

/** An ARN or a hash has room for two facts. */
const LONG_FACT = /[^\s]{30}/;

export const factList = (facts: readonly (readonly [string, Content])[]): Markup =>
  html`<dl class="facts">
    ${facts.map(
      ([name, value]) =>
        html`<div ${LONG_FACT.test(visibleText(value)) ? html`class="long"` : undefined}>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
