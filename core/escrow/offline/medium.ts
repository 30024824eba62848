/** What `escrow export` puts on a removable medium: a file for each value of each key, and what a person needs to know of them. */
import * as z from 'zod';
import { html, Markup } from '../../report/html.ts';
import type { OfflineFact } from './contract.ts';
import { ceremonyOf, inFours } from './identity.ts';

export const MEDIUM_LIST = 'offline.json';
export const MEDIUM_SHEET = 'sheet.html';
export const MEDIUM_SUMS = 'SHA256SUMS';
/** A copy of docs/custodians.md: where everything else is gone, so may be the place that had it. */
export const MEDIUM_PAGE = 'custodians.md';

const MediumFile = z.strictObject({
  file: z.string(),
  key: z.string(),
  fingerprint: z.string(),
  /** Whether the secret held this value as current when escrow last ran. */
  isCurrent: z.boolean(),
  recipients: z.array(z.string()).min(1),
  sha256: z.string(),
  bytes: z.int().min(1),
});
export type MediumFile = z.infer<typeof MediumFile>;

export const MediumList = z.strictObject({
  format: z.literal('holdfast/offline-medium/v1'),
  system: z.string(),
  exportedAt: z.iso.datetime({ offset: false }),
  from: z.string(),
  files: z.array(MediumFile),
});
export type MediumList = z.infer<typeof MediumList>;

/** Short enough for every file system, and still one name for each file of a value: of its recipients, and of when it was made again. */
const mediumFileName = ({ key, fingerprint, id }: Pick<OfflineFact, 'key' | 'fingerprint' | 'id'>): string =>
  `${key}-${fingerprint.slice(0, 16)}-${id}.age`;

export const mediumFile = (fact: OfflineFact, isCurrent: boolean): MediumFile => ({
  file: mediumFileName(fact),
  key: fact.key,
  fingerprint: fact.fingerprint,
  isCurrent,
  recipients: fact.recipients,
  sha256: fact.sha256,
  bytes: fact.bytes,
});

/** For `sha256sum -c SHA256SUMS`. */
export const sumsText = (sums: readonly { file: string; sha256: string }[]): string =>
  sums.map(({ file, sha256 }) => `${sha256}  ${file}\n`).join('');

/** A page that asks for nothing, to be printed and kept with the medium. */
export function renderMediumSheet({ system, exportedAt, from, files }: MediumList): string {
  const rows = files.map(
    (one) =>
      html`<tr>
        <td>${one.key}${one.isCurrent ? html`<br /><strong>in use</strong>` : undefined}</td>
        <td class="code">${one.file}</td>
        <td class="code">${inFours(one.fingerprint.slice(0, 16))}</td>
        <td class="code">
          ${one.recipients.map((recipient) => html`<div>${recipient}<br />ceremony ${inFours(ceremonyOf(recipient))}</div>`)}
        </td>
        <td class="code">${inFours(one.sha256)}</td>
      </tr> `,
  );
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
        <title>Offline keys of ${system}</title>
        <style>
          ${new Markup(STYLES)}
        </style>
      </head>
      <body>
        <h1>Offline keys of ${system}</h1>
        <p>
          Exported ${exportedAt.slice(0, 16).replace('T', ' ')} UTC from ${from}. Each file is one value of one key, encrypted: without the
          custodians it is of no use to anybody.
        </p>
        <h2>Is the medium still good?</h2>
        <p><span class="code">sha256sum -c ${MEDIUM_SUMS}</span> in its directory says OK for every file.</p>
        <h2>How to open a file</h2>
        <ol>
          <li>The custodians of the ceremony that the file names meet at a computer without a network, with their sheets.</li>
          <li>
            <span class="code">npx holdfast escrow combine --to /dev/shm/identity.txt</span>; where there is no Holdfast any more,
            <span class="code">${MEDIUM_PAGE}</span> beside this page says how, under “Without Holdfast”.
          </li>
          <li>
            <span class="code">age -d -i /dev/shm/identity.txt -o /dev/shm/value FILE.age</span>; with a hardware key, its
            <span class="code">age-plugin</span> beside <span class="code">age</span>.
          </li>
          <li>Both files in /dev/shm are destroyed when the key is back in its place.</li>
        </ol>
        <h2>Files</h2>
        <table>
          <thead>
            <tr>
              <th>Key</th>
              <th>File</th>
              <th>Fingerprint</th>
              <th>Opened by one of</th>
              <th>SHA-256</th>
            </tr>
          </thead>
          <tbody>
            ${rows}
          </tbody>
        </table>
      </body>
    </html> `.text;
}

const STYLES = `
@page { margin: 14mm; size: landscape; }
body { font: 10pt/1.4 system-ui, sans-serif; color: #000; background: #fff; max-width: 64rem; margin: 1rem auto; padding: 0 1rem; }
h1 { margin: 0; font-size: 18pt; }
h2 { margin: 1em 0 .2em; font-size: 12pt; }
.code { font-family: ui-monospace, 'DejaVu Sans Mono', Consolas, monospace; font-size: 8.5pt; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; }
th, td { border: 1px solid #000; padding: .3rem; text-align: left; vertical-align: top; }
tr { break-inside: avoid; }
`;
