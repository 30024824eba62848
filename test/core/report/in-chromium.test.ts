/** The page as a person meets it. Needs a Chromium: `apt-get install chromium`, or CHROMIUM names one. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { renderReport } from '../../../core/report/render-report.ts';
import { chromiumPath, launchChromium } from './chromium.ts';
import { emptyModel, hostileModel } from './odd-models.ts';
import { sampleModel } from './sample-model.ts';

const MODELS = { sample: sampleModel, hostile: hostileModel, empty: emptyModel };
const WIDTHS = [360, 1440];
const SCHEMES = ['light', 'dark'] as const;

if (chromiumPath === undefined) process.stdout.write('The page was not looked at: there is no Chromium (apt-get install chromium)\n');

describe.skipIf(chromiumPath === undefined)('the evidence page in Chromium', () => {
  let browser: Browser;
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-report-'));
  beforeAll(async () => {
    browser = await launchChromium(chromiumPath ?? '');
    for (const [name, model] of Object.entries(MODELS)) writeFileSync(join(directory, `${name}.html`), renderReport(model));
  });
  afterAll(async () => {
    await browser.close();
    rmSync(directory, { recursive: true });
  });

  async function open(name: string, options: { width: number; colorScheme?: 'light' | 'dark' }, look: (page: Page) => Promise<void>) {
    const page = await browser.newPage({ viewport: { width: options.width, height: 900 }, colorScheme: options.colorScheme ?? 'light' });
    const complaints: string[] = [];
    const requests: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('dialog', (dialog) => {
      complaints.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('request', (request) => requests.push(request.url()));
    const url = pathToFileURL(join(directory, `${name}.html`)).href;
    await page.goto(url);
    await look(page);
    expect(complaints).toEqual([]);
    expect(requests).toEqual([url]);
    await page.close();
  }

  const views = Object.keys(MODELS).flatMap((name) =>
    WIDTHS.flatMap((width) => SCHEMES.map((colorScheme) => ({ name, width, colorScheme }))),
  );
  test.each(views)(
    '$name at $width px in $colorScheme: nothing overflows, nothing is asked for, nothing complains',
    async ({ name, width, colorScheme }) => {
      await open(name, { width, colorScheme }, async (page) => {
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
        // A cell that is cut or laid over its neighbour does not widen the page.
        const cut = await page.evaluate(
          `[...document.querySelectorAll('td, th, li, p, h1, h2, h3')].filter((e) => e.offsetParent && e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== 'inline').map((e) => e.textContent.slice(0, 60))`,
        );
        expect(cut).toEqual([]);
        // The style sheet is allowed by the page's own policy.
        expect(await page.evaluate(`getComputedStyle(document.querySelector('.card')).borderTopLeftRadius`)).toBe('12px');
      });
    },
  );

  test.each(SCHEMES)('text has a contrast of 4.5 to 1 or better in %s', async (colorScheme) => {
    await open('sample', { width: 1440, colorScheme }, async (page) => {
      const poor = await page.evaluate(`(() => {
        const channels = (text) => text.match(/[\\d.]+/g).map(Number);
        const linear = (c) => (c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4);
        const luminance = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
        const background = (e) => {
          for (; e; e = e.parentElement) {
            const found = channels(getComputedStyle(e).backgroundColor);
            if (found.length < 4 || found[3] > 0) return found;
          }
        };
        return [...document.querySelectorAll('body *')]
          .filter((e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()))
          .flatMap((e) => {
            const [a, b] = [luminance(channels(getComputedStyle(e).color)), luminance(background(e))].sort((x, y) => y - x);
            const contrast = (a + 0.05) / (b + 0.05);
            return contrast < 4.5 ? [e.className + ' ' + e.textContent.trim().slice(0, 30) + ' ' + contrast.toFixed(2)] : [];
          });
      })()`);
      expect(poor).toEqual([]);
    });
  });

  test('a screen reader is told of tables at any width', async () => {
    await open('sample', { width: 360 }, async (page) => {
      expect(await page.getByRole('table').count()).toBeGreaterThan(4);
      expect(await page.getByRole('columnheader', { name: 'Locked until' }).count()).toBe(1);
      expect(await page.getByRole('rowheader', { name: '20261121T011500Z' }).count()).toBe(1);
      expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('ida');
    });
  });

  test('it prints', async () => {
    await open('sample', { width: 1440, colorScheme: 'dark' }, async (page) => {
      const pdf = await page.pdf({ format: 'A4', printBackground: false });
      expect(pdf.subarray(0, 5).toString('latin1')).toBe('%PDF-');
      await page.emulateMedia({ media: 'print' });
      expect(await page.evaluate(`getComputedStyle(document.body).color`)).toBe('rgb(0, 0, 0)');
    });
  });
});
