/** The sheet of one custodian: a page that asks for nothing, to be printed, with the share as text and as a QR code. */
import { encodeQR } from 'qr';
import { html, Markup } from '../../report/html.ts';
import { inFours } from './identity.ts';
import { shareQrText, shareRows, type Share } from './share-text.ts';

export type SheetFacts = {
  /** Of which keys: the name of a system, in people's words. */
  purpose: string;
  custodian: string;
  /** ISO date. */
  date: string;
  recipient: string;
};

/** Of a custodian's name in that of a file, whose whole name has at most 255 bytes. */
const LONGEST_OF_NAME = 60;

/** `share-1-ana.html` */
export const sheetName = (number: number, custodian: string): string =>
  `share-${number}-${
    custodian
      .toLowerCase()
      .normalize('NFKD')
      .replaceAll(/[^a-z0-9]+/g, '-')
      .slice(0, LONGEST_OF_NAME)
      .replaceAll(/^-|-$/g, '') || 'custodian'
  }.html`;

const QR_SCALE_OPTIONS = { ecc: 'quartile', border: 4 } as const;

export function renderSheet(share: Share, { purpose, custodian, date, recipient }: SheetFacts): string {
  const { number, shares, threshold } = share;
  const others = threshold - 1;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
        <title>Share ${number} of ${shares}, ${custodian}</title>
        <style>
          ${new Markup(STYLES)}
        </style>
      </head>
      <body>
        <header>
          <p>${purpose}</p>
          <h1>Share ${number} of ${shares}</h1>
          <p class="custodian">${custodian}</p>
        </header>
        <dl>
          <dt>Ceremony</dt>
          <dd class="code">${inFours(share.ceremony)}</dd>
          <dt>Date</dt>
          <dd>${date}</dd>
          <dt>Needed</dt>
          <dd>any ${threshold} of the ${shares} shares</dd>
        </dl>
        <main>
          <figure>
            ${new Markup(encodeQR(shareQrText(share), 'svg', QR_SCALE_OPTIONS))}
            <figcaption>The same as the five rows</figcaption>
          </figure>
          <ol class="rows">
            ${shareRows(share).map((row) => html`<li class="code">${row}</li>`)}
          </ol>
        </main>
        <section>
          <h2>What this is</h2>
          <p>
            One of ${shares} shares of a key. Alone it opens nothing. Whoever has ${threshold} of them opens everything that the key
            protects, so keep it where you would keep a signed blank cheque: sealed, dry, under lock, and not where another share is. Do not
            photograph, scan, copy or send it. If it is lost, stolen or seen by somebody, say so at once: a new ceremony replaces all
            shares.
          </p>
          <h2>How to combine</h2>
          <ol>
            <li>
              You and ${others === 1 ? 'one other custodian' : `${others} other custodians`} meet at a computer without a network. The
              ceremony above must be the same on every sheet.
            </li>
            <li>There you start <span class="code">npx holdfast escrow combine --to /dev/shm/identity.txt</span></li>
            <li>
              Each of you types the five rows of his sheet, or scans its QR code. Capitals and spaces do not matter; what is mistyped is
              told with its row.
            </li>
            <li>
              <span class="code">age -d -i /dev/shm/identity.txt -o /dev/shm/value file.age</span> then opens an offline file. Afterwards
              both are destroyed.
            </li>
          </ol>
          <p>
            Where there is no Holdfast any more: its page for custodians (custodians.md, of which a copy is on every medium) says under
            “Without Holdfast” how to do it with Python and age alone.
          </p>
        </section>
        <footer>
          <p>
            Share ${number} of ${shares} of the ceremony ${inFours(share.ceremony)}, ${custodian}. Opens files made for
            <span class="code">${recipient}</span>
          </p>
        </footer>
      </body>
    </html> `.text;
}

const STYLES = `
@page { margin: 14mm; }
body { font: 11pt/1.4 system-ui, sans-serif; color: #000; background: #fff; max-width: 46rem; margin: 1rem auto; padding: 0 1rem; }
h1 { margin: 0; font-size: 24pt; }
h2 { margin: 1em 0 .2em; font-size: 12pt; }
p { margin: .2em 0; }
.custodian { font-size: 16pt; }
.code { font-family: ui-monospace, 'DejaVu Sans Mono', Consolas, monospace; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: 1rem 0; }
dt { font-weight: 600; }
dd { margin: 0; }
main { display: flex; flex-wrap: wrap; gap: 1.5rem; align-items: center; border: 1px solid #000; padding: .8rem; break-inside: avoid; }
figure { margin: 0; text-align: center; font-size: 9pt; }
figure svg { width: 46mm; height: 46mm; display: block; }
.rows { font-size: 15pt; line-height: 1.9; margin: 0; padding-left: 2rem; white-space: nowrap; }
section ol { margin: .2em 0; padding-left: 1.4rem; }
footer { margin-top: 1em; font-size: 9pt; }
`;
