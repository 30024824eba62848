/** Runs what was asked for, section by section, and then reports on everything that is known. */
import { readPrograms } from './setup/missing-tools.ts';
import { compareTools } from './scenarios/compare-tools.ts';
import { withBench } from './scenarios/open-bench.ts';
import { openPlace } from './place.ts';
import type { BenchOptions } from './options.ts';
import { TOOLS } from './peers/all.ts';
import { saveResult, type Result } from './results.ts';
import { setUp } from './setup/install.ts';
import { databaseName, ensureDatabase } from './setup/database.ts';

export type Surroundings = { environment: NodeJS.ProcessEnv; say: (text: string) => void };

/** Resolves to the exit code. */
export async function runBench(options: BenchOptions, { environment, say }: Surroundings): Promise<number> {
  const place = openPlace(options.stateDir);
  const machinePath = environment['PATH'] ?? '';
  if (options.command === 'setup' || options.setUpFirst) await setUp(place, environment, say);
  if (options.command === 'setup') return 0;
  const run = new Date().toISOString();
  const failures: string[] = [];
  const save = (result: Omit<Result, 'run'>) => {
    if (result.failed !== undefined) failures.push(`${result.work} ${result.of}: ${result.failed}`);
    saveResult(place.results, { run, ...result });
  };
  const isAsked = (section: BenchOptions['sections'][number]) => options.sections.includes(section);
  const works = { backup: isAsked('backup'), restore: isAsked('restore'), verify: isAsked('verify') };
  if (works.backup || works.restore || works.verify) {
    const server = databaseName(options.scale);
    const database = (postgres: Parameters<typeof ensureDatabase>[0]) => ensureDatabase(postgres, options.scale, say);
    await withBench({ place, machinePath, server, database }, async (bench, databaseBytes) => {
      const asked = TOOLS.filter(({ name }) => options.tools.length === 0 || options.tools.includes(name));
      const { installed, missing } = readPrograms(asked, bench.path);
      for (const { tool, program } of missing) say(`Not measured: ${tool.name}, since ${program} is not installed`);
      await compareTools(bench, installed, options.rounds, works, { scale: options.scale, databaseBytes, save, say });
    });
  }
  for (const failure of failures) say(`FAILED: ${failure}`);
  return failures.length > 0 ? 1 : 0;
}
