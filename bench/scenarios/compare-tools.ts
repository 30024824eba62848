/** Every tool on the same database, in rounds: what disturbs the machine for a while disturbs all of them. */
import { differences, readContent } from '../setup/compare-content.ts';
import type { Bench, Tool } from '../peers/peer.ts';
import { shell } from '../peers/shell.ts';
import { backUp, measured, restore, verify, type Measuring } from './run-tool.ts';

export type Works = { backup: boolean; restore: boolean; verify: boolean };
export type Rounds = { backup: number; restore: number };

export async function compareTools(
  bench: Bench,
  tools: readonly Tool[],
  rounds: Rounds,
  works: Works,
  measuring: Measuring,
): Promise<void> {
  // What is restored or verified has to be backed up first, whether or not that is measured.
  const silent = { ...measuring, save: () => undefined };
  const backups = works.backup ? rounds.backup : 1;
  // The first to read would pay for the disk, and for memory that the server has never touched.
  if (works.backup) await measured(bench, 'reading once', 'limit', shell(bench, 'warm-up', 'pg_dump -Fp "$SOURCE" > /dev/null'), silent);
  for (let round = 1; round <= backups; round++) {
    if (works.backup) measuring.say(`Backups, round ${round} of ${rounds.backup}`);
    for (const tool of tools) {
      await backUp(bench, tool, works.backup ? measuring : silent);
      if (works.verify) await verify(bench, tool, measuring);
    }
  }
  if (!works.restore) return;
  const expected = await readContent(bench.postgres, bench.database);
  const compare = async (database: string) => differences(expected, await readContent(bench.postgres, database));
  for (let round = 1; round <= rounds.restore; round++) {
    measuring.say(`Restores, round ${round} of ${rounds.restore}`);
    for (const tool of tools) await restore(bench, tool, measuring, compare);
  }
}
