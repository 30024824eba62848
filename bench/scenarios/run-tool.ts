/** One measurement of one tool, from a clean state to a line of the results. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from '../../local/processes/run.ts';
import type { Command } from '../measure/measure.ts';
import { measure } from '../measure/measure.ts';
import type { Bench, Tool } from '../peers/peer.ts';
import type { Result } from '../results.ts';

const PREPARE_TIMEOUT_MS = 120_000;

export type Measuring = {
  scale: number;
  databaseBytes: number;
  save: (result: Omit<Result, 'run'>) => void;
  say: (text: string) => void;
};

export async function backUp(bench: Bench, tool: Tool, measuring: Measuring): Promise<void> {
  for (const prefix of tool.prefixes) await bench.store.wipe(tool.bucket, prefix);
  clearScratch(bench);
  if (tool.prepare) {
    const { program, args, env, cwd } = tool.prepare(bench);
    const { code } = await runProgram(program, args, { env, ...(cwd === undefined ? {} : { cwd }), timeoutMs: PREPARE_TIMEOUT_MS });
    if (code !== 0) return fail(tool, 'backup', measuring, `its preparation ended with exit code ${code}`);
  }
  const result = await measured(bench, tool.name, 'backup', tool.backup(bench), measuring);
  const sizes = await Promise.all(tool.prefixes.map((prefix) => bench.store.size(tool.bucket, prefix)));
  const storedBytes = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  measuring.save({ ...result, storedBytes, storedObjects: sizes.reduce((sum, { objects }) => sum + objects, 0) });
}

/** What is restored is the last backup of this tool. `compare` says what differs. */
export async function restore(
  bench: Bench,
  tool: Tool,
  measuring: Measuring,
  compare: (database: string) => Promise<string[]>,
): Promise<void> {
  if (!tool.restore) return;
  const target = `${bench.database}_restored`;
  const server = await bench.postgres.connect('postgres');
  try {
    await server.query(`DROP DATABASE IF EXISTS ${target} WITH (FORCE)`);
    if (!tool.makesDatabase) await server.query(`CREATE DATABASE ${target} TEMPLATE template0`);
    clearScratch(bench);
    const result = await measured(bench, tool.name, 'restore', tool.restore(bench, target), measuring);
    clearScratch(bench);
    if (result.failed !== undefined) return measuring.save(result);
    const different = await compare(target);
    if (different.length > 0) measuring.say(`  what ${tool.name} restored differs in: ${different.join(', ')}`);
    measuring.save({ ...result, isSame: different.length === 0 });
  } finally {
    await server.query(`DROP DATABASE IF EXISTS ${target} WITH (FORCE)`);
    await server.end();
  }
}

export async function verify(bench: Bench, tool: Tool, measuring: Measuring): Promise<void> {
  if (!tool.verify) return;
  clearScratch(bench);
  measuring.save(await measured(bench, tool.name, 'verify', tool.verify(bench), measuring));
}

export async function measured(
  bench: Bench,
  of: string,
  work: Result['work'],
  command: Command,
  { scale, databaseBytes, say }: Measuring,
): Promise<Omit<Result, 'run'>> {
  const server = await bench.postgres.connect('postgres');
  await server.query('CHECKPOINT');
  await server.end();
  const logFile = join(bench.place.logs, `${work}-${of}.log`);
  const { exitCode, ...figures } = await measure(command, {
    postgresPid: bench.postgres.pid,
    storePids: bench.store.pids,
    watched: bench.place.scratch,
    logFile,
  });
  const failed = exitCode === 0 ? {} : { failed: `exit code ${exitCode}` };
  say(`  ${work} ${of}: ${exitCode === 0 ? `${figures.wallSeconds.toFixed(1)} s` : `FAILED with exit code ${exitCode}, see ${logFile}`}`);
  return { work, of, scale, databaseBytes, ...figures, ...failed };
}

function fail({ name }: Tool, work: Result['work'], { scale, save, say }: Measuring, failed: string): void {
  say(`  ${work} ${name}: FAILED: ${failed}`);
  save({ work, of: name, scale, wallSeconds: 0, failed });
}

function clearScratch({ place }: Bench): void {
  rmSync(place.scratch, { recursive: true, force: true });
  mkdirSync(place.scratch, { recursive: true });
}
