/** Archives of a database with little of everything, by each pg_dump that is here: what readers of archives are tried with. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { inject } from 'vitest';
import { otherProgramsInPlace } from '../../helpers/other-postgres.ts';
import { openPlainDoor } from '../../helpers/plain-door.ts';
import { freshDatabase } from '../../helpers/servers.ts';

const run = promisify(execFile);
const MAX_BUFFER = 2 ** 26;

/** `minor` is that of the archive version. */
export type SmallArchive = { major: number; minor: number; custom: Buffer; tocDat: Buffer };

const SOURCE = `
  CREATE TABLE numbers (id int PRIMARY KEY, text text);
  INSERT INTO numbers VALUES (1, 'one'), (2, E'two\\n\\t\\\\'), (3, NULL);
  CREATE TABLE "Länge ""数""" (at date, data bytea) PARTITION BY RANGE (at);
  CREATE TABLE leaf PARTITION OF "Länge ""数""" DEFAULT;
  INSERT INTO leaf VALUES ('2026-01-01', '\\x00ff0a5c');
  CREATE TABLE empty (id int);
  SELECT lo_from_bytea(4711, convert_to(repeat('large ', 40), 'UTF8')), lo_create(4712);`;

/** Archive versions 1.14, 1.15 and 1.16. */
export async function smallArchives(): Promise<SmallArchive[]> {
  const source = await freshDatabase('small');
  const door = await openPlainDoor(source);
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-small-'));
  try {
    await (await source.connect()).query(SOURCE);
    const throughDoor = { ...source.libpq, PGPORT: String(door.port), PGSSLMODE: 'disable' };
    const dump = async (major: number, minor: number, binDir: string, env: Record<string, string>): Promise<SmallArchive> => {
      const program = join(binDir, 'pg_dump');
      const into = join(directory, String(major));
      const { stdout: custom } = await run(program, ['-Fc', '-Z0'], { env, encoding: 'buffer', maxBuffer: MAX_BUFFER });
      await run(program, ['-Fd', '-Z0', '-f', into], { env });
      return { major, minor, custom, tocDat: readFileSync(join(into, 'toc.dat')) };
    };
    return [
      await dump(inject('postgres').major, 14, source.binDir, source.libpq),
      await dump(16, 15, await otherProgramsInPlace(16), throughDoor),
      await dump(18, 16, await otherProgramsInPlace(18), throughDoor),
    ];
  } finally {
    await door.close();
    await source.drop();
    rmSync(directory, { recursive: true, force: true });
  }
}
