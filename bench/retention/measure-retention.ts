/** What deciding about a whole catalog takes: time, memory, and what S3 is asked and paid for. */
import { z } from 'zod';
import { join } from 'node:path';
import { lastLines, runProgram } from '../../local/processes/run.ts';
import { parseJson } from '../../core/parse-json.ts';
import { loadAverage } from '../measure/processes.ts';
import { APP_ROOT } from '../place.ts';
import type { Result } from '../results.ts';
import type { CatalogSize } from './fake-catalog.ts';

const TIMEOUT_MS = 600_000;
/** A function of 512 MB leaves about as much to objects. */
const HEAP_MIB = 320;

export const CATALOGS = {
  '100,000 points of 200 assets': { systems: 4, assetsOfSystem: 50, pointsOfAsset: 500 },
  '1,000,000 points of 200 assets': { systems: 4, assetsOfSystem: 50, pointsOfAsset: 5000 },
  '100,000 points of 5,000 assets': { systems: 5, assetsOfSystem: 1000, pointsOfAsset: 20 },
} as const satisfies Record<string, CatalogSize>;

const Measured = z.object({
  assets: z.int(),
  points: z.int(),
  expires: z.int(),
  lists: z.int(),
  gets: z.int(),
  usd: z.number(),
  seconds: z.number(),
  cpuSeconds: z.number(),
  peakMemoryMiB: z.number(),
});

export async function measureCatalog({ systems, assetsOfSystem, pointsOfAsset }: CatalogSize) {
  const args = [`--max-old-space-size=${HEAP_MIB}`, join('bench', 'retention', 'child.ts'), systems, assetsOfSystem, pointsOfAsset].map(
    String,
  );
  const { code, stdout, stderr } = await runProgram(process.execPath, args, { env: {}, cwd: APP_ROOT, timeoutMs: TIMEOUT_MS });
  if (code !== 0) throw new Error(`The decision over ${pointsOfAsset} points of an asset failed: ${lastLines(stderr, 2)}`);
  return Measured.parse(parseJson(Buffer.from(stdout)));
}

export async function measureRetention(
  rounds: number,
  save: (result: Omit<Result, 'run'>) => void,
  say: (text: string) => void,
): Promise<void> {
  for (let round = 0; round < rounds; round++)
    for (const [of, size] of Object.entries(CATALOGS)) {
      const loadBefore = loadAverage();
      const { seconds, cpuSeconds, peakMemoryMiB, lists, gets, usd } = await measureCatalog(size);
      say(`  retention of ${of}: ${seconds.toFixed(1)} s, ${lists} listings and ${gets} reads for ${(usd * 100).toFixed(2)} cents`);
      const requests = { lists, gets, usd };
      save({ work: 'retention', of, scale: 1, wallSeconds: seconds, toolCpuSeconds: cpuSeconds, peakMemoryMiB, ...requests, loadBefore });
    }
}
