/** What a browser takes to have the page of many points and drills there. Where there is no Chromium nothing is measured. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { loadAverage } from '../measure/processes.ts';
import { APP_ROOT } from '../place.ts';
import type { Result } from '../results.ts';
import { findChromium, launchChromium, secondsOfPage } from './chromium.ts';
import { renderLargePage, type PageSize } from './large-page.ts';

const PLAN = join(APP_ROOT, 'plans', 'ida.yaml');
export const PAGES = {
  '25 points and 24 drills of a database': { databases: 1, pointsOfEach: 25, drillsOfEach: 24 },
  '5,000 points and 600 drills of 200 databases': { databases: 200, pointsOfEach: 25, drillsOfEach: 3 },
  '5,000 points and 4,800 drills of 200 databases': { databases: 200, pointsOfEach: 25, drillsOfEach: 24 },
} as const satisfies Record<string, PageSize>;

export async function measurePages(
  rounds: number,
  environment: Record<string, string | undefined>,
  save: (result: Omit<Result, 'run'>) => void,
  say: (text: string) => void,
): Promise<void> {
  const executable = findChromium(environment);
  if (executable === undefined) return say('Pages are not measured: there is no Chromium (apt-get install chromium)');
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-bench-page-'));
  const browser = await launchChromium(executable);
  try {
    for (const [of, size] of Object.entries(PAGES)) {
      const file = join(directory, 'page.html');
      const html = renderLargePage(readFileSync(PLAN, 'utf8'), size, new Date());
      writeFileSync(file, html);
      for (let round = 0; round < rounds; round++) {
        const loadBefore = loadAverage();
        const { cpuSeconds, wallSeconds, rows } = await secondsOfPage(browser, pathToFileURL(file).href, '#points ~ article tbody tr');
        if (rows !== size.databases * size.pointsOfEach) throw new Error(`The page of ${of} shows ${rows} points`);
        say(`  page of ${of}: ${cpuSeconds.toFixed(2)} s of a processor`);
        save({ work: 'page', of, scale: 1, wallSeconds, toolCpuSeconds: cpuSeconds, bytes: Buffer.byteLength(html), loadBefore });
      }
    }
  } finally {
    await browser.close();
    rmSync(directory, { recursive: true });
  }
}
