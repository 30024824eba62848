/** Runs what was asked for, section by section, and then reports on everything that is known. */
import { measureBundles } from './functions/measure-bundles.ts';
import { measureSynthesis } from './functions/measure-synthesis.ts';
import type { BenchOptions, Section } from './options.ts';
import { openPlace } from './place.ts';
import { measurePages } from './page/measure-page.ts';
import { publish } from './report/publish.ts';
import { loadResults, saveResult, type Result } from './results.ts';
import { measureDatabases } from './scenarios/measure-databases.ts';
import type { Given } from './scenarios/open-bench.ts';
import { measureFirstByte } from './scenarios/first-byte.ts';
import { measureRetention } from './retention/measure-retention.ts';
import { setUp } from './setup/install.ts';

export type Surroundings = { environment: NodeJS.ProcessEnv; say: (text: string) => void; given?: Given };

/** Resolves to the exit code: 1 when a tool failed or restored something else. */
export async function runBench(options: BenchOptions, { environment, say, given }: Surroundings): Promise<number> {
  const place = openPlace(options.stateDir);
  if (options.command === 'setup' || options.setUpFirst) await setUp(place, environment, say);
  if (options.command === 'setup') return 0;

  const run = new Date().toISOString();
  const failures: string[] = [];
  const save = (result: Omit<Result, 'run'>) => {
    if (result.failed !== undefined) failures.push(`${result.work} of ${result.of}: ${result.failed}`);
    if (result.isSame === false) failures.push(`${result.work} of ${result.of}: what it restored is not its source`);
    saveResult(place.results, { run, ...result });
  };
  const { rounds } = options;
  const isAsked = (section: Section) => options.command === 'run' && options.sections.includes(section);
  if (options.command === 'run') await measureDatabases({ options, place, machinePath: environment['PATH'] ?? '', given, save, say });
  if (isAsked('functions')) await measureBundles(save, say);
  if (isAsked('synthesis')) await measureSynthesis(rounds, environment['PATH'] ?? '', save, say);
  if (isAsked('first-byte')) await measureFirstByte({ place, rounds, environment, save, say });
  if (isAsked('retention')) await measureRetention(rounds, save, say);
  if (isAsked('pages')) await measurePages(rounds, environment, save, say);
  say(publish(loadResults(place.results), options, options.outputDir));
  for (const failure of failures) say(`FAILED: ${failure}`);
  return failures.length > 0 ? 1 : 0;
}
