/** The differences between two databases, in words; none when they are the same. Knows nothing of how one was made of the other. */
import type { Server } from '../servers.ts';
import { readContent, type Content } from './content.ts';
import { readSchema } from './schema.ts';

export type Database = { server: Server; name: string };
export type Image = { content: Content; schema: string };

export async function readImage({ server, name }: Database): Promise<Image> {
  const connection = await server.connect(name);
  try {
    return { content: await readContent(connection), schema: await readSchema(server, name) };
  } finally {
    await connection.end();
  }
}

const MOST_SHOWN = 20;
const LONGEST_SHOWN = 400;

export function findDifferences(source: Image, restored: Image): string[] {
  const keys = new Set([...source.content.keys(), ...restored.content.keys()]);
  const inContent = [...keys]
    .filter((key) => source.content.get(key) !== restored.content.get(key))
    .map((key) => `${key}: ${source.content.get(key) ?? 'absent'} → ${restored.content.get(key) ?? 'absent'}`);
  const inSchema = differentStatements(source.schema, restored.schema);
  return [...inContent, ...inSchema].slice(0, MOST_SHOWN).map((line) => line.slice(0, LONGEST_SHOWN));
}

/** Statements, with the comment that pg_dump puts before each, that only one has; or that stand in another order. */
function differentStatements(source: string, restored: string): string[] {
  if (source === restored) return [];
  const [before, after] = [split(source), split(restored)];
  const [known, found] = [new Set(before), new Set(after)];
  const lines = [
    ...before.filter((statement) => !found.has(statement)).map((statement) => `- ${statement}`),
    ...after.filter((statement) => !known.has(statement)).map((statement) => `+ ${statement}`),
  ];
  return lines.length > 0 ? lines : ['the statements of the schema stand in another order'];
}

const split = (sql: string) => sql.split('\n\n--\n').map((statement) => statement.trim());
