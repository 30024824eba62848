import type { LoadSession } from '../../adapters/postgres/load-session.ts';
import { PostgresFailed } from '../../adapters/postgres/errors.ts';
import { readDatabaseSettings } from '../../core/restore/database-settings.ts';
import { readStoredObject } from '../verify/read-archive.ts';
import type { StoredPoint } from './stored-point.ts';

const BY_HAND = 'settings.sql of the point has what it was';

/**
 * Gives the database what `ALTER DATABASE … SET` said at the source, a search_path for example, without which a program may find
 * nothing. Done last: a setting may forbid what a restore does. Answers what was not set, and why. Throws PostgresFailed when the
 * server is gone, PointDamaged.
 */
export async function setSettings({ reader, manifest }: StoredPoint, session: LoadSession): Promise<string[]> {
  const object = manifest.objects.find(({ role }) => role === 'settings');
  if (object === undefined) return [];
  const chunks: Uint8Array[] = [];
  for await (const chunk of readStoredObject(reader, object)) chunks.push(chunk);
  const { own, left, ofRoles } = readDatabaseSettings(Buffer.concat(chunks).toString('utf8'));
  const notes = left.map((name) => `The setting ${name} of the database was not set, because it loads code: ${BY_HAND}`);
  for (const { name, sql } of own) {
    try {
      await session.query(`set ${name} for the database`, sql);
    } catch (error) {
      if (!(error instanceof PostgresFailed) || error.sqlstate === undefined) throw error;
      notes.push(`The setting ${name} was not set for the database (SQLSTATE ${error.sqlstate}): ${BY_HAND}`);
    }
  }
  if (ofRoles > 0) notes.push(`${ofRoles} settings of roles hold in every database of a server, and were not set: ${BY_HAND}`);
  return notes;
}
