import type { SignatureState } from '../../evidence/verify/signatures.ts';
import { html } from '../html.ts';
import { factList, renderPage } from '../page.ts';
import { pill, table, time } from '../sections/parts.ts';
import type { DescribedEvidence } from './model.ts';
import { SIGNATURES } from './parts.ts';

/** Of the record's own bytes: `signed` only when a signature by a key that was handed over was checked. */
export type EvidenceSource = {
  system: string;
  key: string;
  sha256: string;
  signature: SignatureState;
  body: Uint8Array;
  version: string;
};

/** One record of evidence, in words and as it stands in the vault. */
export function renderEvidence(described: DescribedEvidence, source: EvidenceSource): string {
  const { title, at, asset, outcome, facts, notes, tables } = described;
  return renderPage({
    title: `${source.system}: ${title.toLowerCase()} of ${at.slice(0, 10)}`,
    body: html`<header>
        <div class="hero">
          <div>
            <p class="eyebrow">Evidence of ${source.system}</p>
            <h1>${title}${asset === undefined ? undefined : html` <span class="soft">${asset}</span>`}</h1>
            <p class="soft">${time(at)}</p>
          </div>
          <span>${pill(outcome.colour, outcome.word)} ${SIGNATURES[source.signature].page}</span>
        </div>
        ${factList(facts)}
      </header>
      <main>
        ${
          notes.length + tables.length === 0
            ? undefined
            : html`<section aria-labelledby="record">
                <h2 id="record">What it says</h2>
                ${notes.map((note) => html`<p class="lead">${note}</p>`)}
                ${tables.map(({ caption, headers, rows }) => html`<div class="card">${table(caption, headers, rows)}</div>`)}
              </section>`
        }
        <section aria-labelledby="source">
          <h2 id="source">The record itself</h2>
          <p class="lead">
            <span class="id">${source.key}</span>, SHA-256 <span class="id">${source.sha256}</span>. These bytes are what is signed; this
            page only shows them.
          </p>
          <div class="card">
            <details>
              <summary>Its bytes</summary>
              <pre>${Buffer.from(source.body).toString()}</pre>
            </details>
          </div>
        </section>
      </main>
      <footer><p>Made by Holdfast ${source.version}. Check it yourself: npx holdfast evidence verify</p></footer>`,
  });
}
