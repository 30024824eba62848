import type { SignatureState } from '../../evidence/verify/signatures.ts';
import { html } from '../html.ts';
import { factList, renderPage } from '../page.ts';
import { pill, table, time } from '../sections/parts.ts';
import type { DescribedEvidence } from './model.ts';
import { SIGNATURES } from './parts.ts';
import { plural } from '../../quantities.ts';

export type IndexLine = Pick<DescribedEvidence, 'title' | 'at' | 'asset' | 'outcome'> & {
  page: string;
  key: string;
  signature: SignatureState;
  /** Which of the two vaults. */
  heldIn: string;
};
export type IndexOf = {
  system: string;
  since: string;
  until: string;
  readIn: string;
  madeAt: string;
  version: string;
  left: number;
  notes: readonly string[];
};

/** What a folder of exported evidence holds. Its links stay within the folder. */
export const renderIndex = (lines: readonly IndexLine[], of: IndexOf): string =>
  renderPage({
    title: `${of.system}: evidence of ${of.since} to ${of.until}`,
    body: html`<header>
        <p class="eyebrow">Evidence</p>
        <h1>${of.system}</h1>
        ${factList([
          ['From', of.since],
          ['Until', of.until],
          ['Read in', of.readIn],
          ['Made at', time(of.madeAt)],
          ['Holdfast', of.version],
        ])}
      </header>
      <main>
        <section aria-labelledby="records">
          <h2 id="records">Records</h2>
          <p class="lead">
            Each record stands beside its signature, under the name that it has in the vault. Signatures were checked when this was made;
            check them with the keys that you kept: npx holdfast evidence verify &lt;this folder&gt; --public-key &lt;key&gt;. The points
            that they are about are no part of this folder.
          </p>
          ${of.notes.map((note) => html`<p class="lead">${note}</p>`)}
          <div class="card">
            ${table(
              of.left === 0
                ? `${plural(lines.length, 'record')}, newest first`
                : `The newest ${lines.length} records, and ${of.left} more in the folder`,
              ['Record', 'When', 'Asset', 'Outcome', 'Signature', 'Held in', 'Key'],
              lines.map(({ title, at, asset, outcome, page, key, signature, heldIn }) => [
                html`<a href="${page}">${title}</a>`,
                time(at),
                asset ?? 'the system',
                pill(outcome.colour, outcome.word),
                SIGNATURES[signature].list,
                heldIn,
                html`<span class="id">${key}</span>`,
              ]),
            )}
          </div>
        </section>
      </main>`,
  });
