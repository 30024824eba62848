/** The sections that need a database and the S3 server. */
import type { BenchOptions, Section } from '../options.ts';
import { OWN, TOOLS } from '../peers/all.ts';
import type { Tool } from '../peers/peer.ts';
import type { Place } from '../place.ts';
import type { Result } from '../results.ts';
import { SOURCE_SECRET } from '../peers/own-asset.ts';
import { databaseBytes, databaseName, ensureDatabase, withBigTable } from '../setup/database.ts';
import { readPrograms } from '../setup/missing-tools.ts';
import { compareTools, type Works } from './compare-tools.ts';
import { GROWTH_SCALES } from './growth-scales.ts';
import { measureLimits } from './limits.ts';
import { loginTo, withBench, type Given } from './open-bench.ts';
import { profileBackup } from './profile.ts';
import { measureShaped, startShaper } from './shaped.ts';

type Sections = {
  options: BenchOptions;
  place: Place;
  machinePath: string;
  given: Given | undefined;
  save: (result: Omit<Result, 'run'>) => void;
  say: (text: string) => void;
};

export async function measureDatabases(sections: Sections): Promise<void> {
  const { options, save, say } = sections;
  const { scale, rounds } = options;
  const isAsked = (section: Section) => options.sections.includes(section);
  const works: Works = { backup: isAsked('backup'), restore: isAsked('restore'), verify: isAsked('verify') };
  const compares = works.backup || works.restore || works.verify;
  if (compares || isAsked('shaped') || isAsked('limits') || isAsked('profile'))
    await atScale(sections, scale, async (bench, measuring) => {
      if (compares)
        await compareTools(bench, installedTools(options, bench.path, say), { backup: rounds, restore: rounds }, works, measuring);
      if (isAsked('profile')) await profileBackup(bench, OWN, measuring);
      if (isAsked('limits')) await measureLimits(bench, rounds, measuring);
      if (isAsked('shaped'))
        await withBigTable(bench.postgres, bench.database, async (database) => {
          const shaper = await startShaper(bench.postgres);
          try {
            bench.secrets.set(SOURCE_SECRET, loginTo(shaper.port, database));
            const bytes = await databaseBytes(bench.postgres, database);
            await measureShaped(bench, shaper, rounds, { scale, databaseBytes: bytes, save, say });
          } finally {
            await shaper.stop();
          }
        });
    });
  if (isAsked('growth'))
    for (const part of GROWTH_SCALES)
      await atScale(sections, scale * part, (bench, measuring) =>
        compareTools(bench, [OWN], { backup: rounds, restore: 1 }, { backup: true, restore: true, verify: true }, measuring),
      );
}

function atScale(
  { place, machinePath, given, save, say }: Sections,
  scale: number,
  use: (...opened: Opened) => Promise<void>,
): Promise<void> {
  const database = (postgres: Parameters<typeof ensureDatabase>[0]) => ensureDatabase(postgres, scale, say);
  return withBench({ place, machinePath, given, server: databaseName(scale), database }, (bench, bytes) =>
    use(bench, { scale, databaseBytes: bytes, save, say }),
  );
}

type Opened = [bench: Parameters<typeof compareTools>[0], measuring: Parameters<typeof compareTools>[4]];

function installedTools(options: BenchOptions, path: string, say: (text: string) => void): Tool[] {
  const asked = TOOLS.filter(({ name }) => options.tools.length === 0 || options.tools.includes(name));
  const { installed, missing } = readPrograms(asked, path);
  for (const { tool, program } of missing) say(`Not measured: ${tool.name}, since ${program} is not installed`);
  return installed;
}
