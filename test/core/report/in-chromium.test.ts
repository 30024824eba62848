/** The page as a person meets it. Needs a Chromium: `apt-get install chromium`, or CHROMIUM names one. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parsePlan } from '../../../core/plan/load.ts';
import { decideReview, NO_EVENTS } from '../../../core/plan/review.ts';
import { renderAgreement, type AgreementPage } from '../../../core/report/agreement/render-agreement.ts';
import { renderEvidence } from '../../../core/report/evidence/render-evidence.ts';
import type { ReportModel } from '../../../core/report/model.ts';
import { renderReport } from '../../../core/report/render-report.ts';
import { renderSystems } from '../../../core/report/render-systems.ts';
import { findChromium, launchChromium, secondsOfPage } from '../../../bench/page/chromium.ts';
import { emptyModel, hostileModel } from './odd-models.ts';
import { sampleModel } from './sample-model.ts';
import { manyAssets, overviewOf } from './sample-overview.ts';

const four = { ...manyAssets(4, 3), keys: sampleModel.keys };
const agreed = (name: string, model: ReportModel | undefined): AgreementPage => {
  const plan = parsePlan(readFileSync(new URL(`../../../plans/${name}.yaml`, import.meta.url), 'utf8'), name);
  const now = new Date('2026-11-21T01:16:20Z');
  return { plan, review: decideReview(plan, NO_EVENTS, now), generatedAt: now.toISOString(), version: '0.1.0', model };
};
const PAGES: Record<string, () => string> = {
  sample: () => renderReport(sampleModel),
  overview: () => renderReport(four, overviewOf(four)),
  hostile: () => renderReport(hostileModel, overviewOf(hostileModel)),
  empty: () => renderReport(emptyModel),
  agreement: () => renderAgreement(agreed('datamesh', undefined)),
  'agreement proven': () => renderAgreement(agreed('ida', { ...hostileModel, colour: 'amber' })),
  systems: () =>
    renderSystems(
      [
        { system: 'ida', page: 'ida.html', model: four, overview: overviewOf(four) },
        { system: 'nmia', problem: 'The vault does not exist in account 000000000000, eu-central-1' },
      ],
      { generatedAt: '2026-11-21T01:16:20.000Z', version: '0.1.0' },
    ),
  evidence: () => {
    const [drill] = hostileModel.databases[0]?.drills ?? [];
    const described = {
      title: 'Drill',
      at: '2026-11-21T01:16:20.000Z',
      asset: hostileModel.databases[0]?.id,
      outcome: { colour: 'red' as const, word: 'Failed' },
      facts: [['Execution', drill?.target ?? '']] as const,
      notes: drill?.reasons ?? [],
      tables: [{ caption: 'Checks', headers: ['Check', 'Outcome'], rows: [[drill?.target ?? '', 'failed']] }],
    };
    const body = Buffer.from(JSON.stringify(drill));
    return renderEvidence(described, {
      system: 'ida',
      key: 'k'.repeat(200),
      sha256: 'ab'.repeat(32),
      signature: 'invalid',
      body,
      version: '0.1.0',
    });
  },
};
/** A cell that is cut or laid over its neighbour does not widen the page. */
const CUT = `[...document.querySelectorAll('td, th, li, p, h1, h2, h3')].filter((e) => e.offsetParent && e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== 'inline').map((e) => e.textContent.slice(0, 60))`;
/** Words no longer than the id of a point that stand on two lines. */
const BROKEN = `[...document.querySelectorAll('td, tbody th')].flatMap((cell) => {
  const texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
  const broken = [];
  for (let node = texts.nextNode(); node; node = texts.nextNode())
    for (const { 0: word, index } of node.data.matchAll(/[^\\s-]+/g)) {
      const range = document.createRange();
      range.setStart(node, index);
      range.setEnd(node, index + word.length);
      const tops = new Set([...range.getClientRects()].map(({ top }) => Math.round(top)));
      if (tops.size > 1 && word.length <= 16) broken.push(word);
    }
  return broken;
})`;
/** Pages with names that no line has room for. */
const HOSTILE = new Set(['hostile', 'agreement proven', 'evidence']);
/** What is left of a sheet of A4 between its margins. */
const SHEET = 673;
const chromiumPath = findChromium(process.env);
const WIDTHS = [360, 1440];
const SCHEMES = ['light', 'dark'] as const;

if (chromiumPath === undefined) process.stdout.write('The page was not looked at: there is no Chromium (apt-get install chromium)\n');

describe.skipIf(chromiumPath === undefined)('the evidence page in Chromium', () => {
  let browser: Browser;
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-report-'));
  beforeAll(async () => {
    browser = await launchChromium(chromiumPath ?? '');
    for (const [name, page] of Object.entries(PAGES)) writeFileSync(join(directory, `${name}.html`), page());
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

  const views = Object.keys(PAGES).flatMap((name) =>
    WIDTHS.flatMap((width) => SCHEMES.map((colorScheme) => ({ name, width, colorScheme }))),
  );
  test.each(views)(
    '$name at $width px in $colorScheme: nothing overflows, nothing is asked for, nothing complains',
    async ({ name, width, colorScheme }) => {
      await open(name, { width, colorScheme }, async (page) => {
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
        expect(await page.evaluate(CUT)).toEqual([]);
        if (!HOSTILE.has(name)) expect(await page.evaluate(BROKEN)).toEqual([]);
        // The style sheet is allowed by the page's own policy.
        expect(await page.evaluate(`getComputedStyle(document.querySelector('.card')).borderTopLeftRadius`)).toBe('12px');
        if (width === 360 || colorScheme === 'dark') return;
        await page.emulateMedia({ media: 'print' });
        await page.setViewportSize({ width: SHEET, height: 900 });
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(SHEET);
        expect(await page.evaluate(CUT)).toEqual([]);
        expect(await page.evaluate(`getComputedStyle(document.querySelector('thead')).display`)).toBe('table-header-group');
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

  test.each([
    { width: 360, shown: 'narrow', hidden: 'broad' },
    { width: 1440, shown: 'broad', hidden: 'narrow' },
  ])('of each chart one picture is shown at $width px, named for a screen reader, drawn in the page’s colours', async (view) => {
    await open('overview', { width: view.width, colorScheme: 'dark' }, async (page) => {
      expect(await page.locator(`.chart .${view.hidden} svg:visible`).count()).toBe(0);
      const pictures = page.locator(`.chart .${view.shown} svg`);
      expect(await pictures.count()).toBe(6);
      expect(await page.getByRole('img', { name: /^Age of the newest verified data\. 1 database of 4|All are within/ }).count()).toBe(1);
      expect(await page.getByRole('img').count()).toBe(6);
      // Its lines are drawn by the style sheet's variables, which an attribute can name.
      const stroke = await page.evaluate(
        `getComputedStyle(document.querySelector('.chart .${view.shown} path[stroke="var(--bar)"]')).stroke`,
      );
      expect(stroke).toBe('rgb(110, 163, 236)');
      // Text of a picture has the size of text, whatever the screen: the picture is not made smaller.
      const drawn = await page.evaluate(
        `(() => { const svg = document.querySelector('.chart .${view.shown} svg'); return svg.getBoundingClientRect().width / svg.viewBox.baseVal.width; })()`,
      );
      expect(drawn).toBeGreaterThan(0.85);
    });
  });

  test('the numbers behind a chart are there for who opens them, and where the page is printed', async () => {
    await open('overview', { width: 1440 }, async (page) => {
      const isSeen = () => page.evaluate(`document.querySelector('#freshness ~ .card tbody th').checkVisibility()`);
      const words = page.getByText('The numbers of: Age of the newest verified data');
      expect(await isSeen()).toBe(false);
      await words.click();
      expect(await isSeen()).toBe(true);
      await words.click();
      await page.emulateMedia({ media: 'print' });
      expect(await isSeen()).toBe(true);
    });
  });

  test('5,000 points and 4,800 drills of 200 databases are there in less than a second of a processor', async () => {
    const many = manyAssets(200, 25, 24);
    PAGES['many'] = () => renderReport(many, overviewOf(many));
    writeFileSync(join(directory, 'many.html'), PAGES['many']());
    const url = pathToFileURL(join(directory, 'many.html')).href;
    const { cpuSeconds, rows } = await secondsOfPage(browser, url, '#points ~ article tbody tr');
    expect(rows).toBe(5000);
    process.stdout.write(`5,000 points and 4,800 drills of 200 databases took the page ${cpuSeconds.toFixed(2)} s of a processor\n`);
    expect(cpuSeconds).toBeLessThan(1);
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
