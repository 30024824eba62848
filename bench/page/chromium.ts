/** Debian's Chromium, driven without a download of its own. */
import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

/** What CHROMIUM names, or where distributions put it; undefined where there is none. */
export const findChromium = (environment: Record<string, string | undefined>): string | undefined =>
  [environment['CHROMIUM'], '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
    (path) => path !== undefined && existsSync(path),
  );

export const launchChromium = (executablePath: string): Promise<Browser> =>
  chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });

/** Seconds of its own thread that a page takes until its last row is there: what else the machine does meanwhile is not the page's. */
export async function secondsOfPage(
  browser: Browser,
  url: string,
  row: string,
): Promise<{ cpuSeconds: number; wallSeconds: number; rows: number }> {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const used = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'ThreadTime')?.value ?? Number.NaN;
  };
  const [before, startedAt] = [await used(), performance.now()];
  await page.goto(url);
  const rows = await page.locator(row).count();
  const found = { cpuSeconds: (await used()) - before, wallSeconds: (performance.now() - startedAt) / 1000, rows };
  await page.close();
  return found;
}
