import { html, type Markup } from '../html.ts';
import type { ReportModel } from '../model.ts';
import { no, pill, section, table, time } from './parts.ts';

/** Enough of a fingerprint to tell values apart by eye. */
const FINGERPRINT_CHARACTERS = 16;

export const keysSection = ({ keys }: ReportModel): Markup =>
  section(
    'keys',
    'Keys in escrow',
    'Every version of a key is sealed under one KMS key per region, and opened again in each region with that region’s key alone. A fingerprint is a keyed hash: it tells values apart and says nothing of them.',
    keys.map(
      ({ id, status, readBacks }) =>
        html`<article class="card">
          <div class="head">
            <h3>${id}</h3>
            ${pill(status.colour)}
          </div>
          ${
            readBacks.length === 0
              ? html`<p class="soft">No escrowed copy was read back yet.</p>`
              : table(
                  'Last read-back of each version in each region',
                  ['Fingerprint', 'Value', 'Region', 'Opened', 'Object version'],
                  readBacks.map((readBack) => [
                    html`<span class="id">${readBack.fingerprint.slice(0, FINGERPRINT_CHARACTERS)}</span>`,
                    readBack.isCurrent ? 'current' : no('earlier'),
                    html`${readBack.region} <small>${readBack.place === 'vault' ? 'home' : 'second region'}</small>`,
                    time(readBack.at),
                    html`<span class="id">${readBack.versionId}</span>`,
                  ]),
                )
          }
        </article>`,
    ),
  );
