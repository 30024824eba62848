/** The settings of the database and of its roles, as the point keeps them: an unqualified name in a check means what it means on the source. */
import { DatabaseError } from 'pg';
import type { ThrowawayConnection } from '../../adapters/postgres/throwaway.ts';
import { readStoredObject } from '../verify/read-archive.ts';
import type { StoredPoint } from '../restore/stored-point.ts';
import { RestoreStopped } from '../restore/errors.ts';

/** A locale, a library or a parameter that this server does not have. */
const UNKNOWN_STATES = ['22023', '42704', '42602', '58P01', '55P02', '0A000'];

/**
 * @returns settings that this server does not take: its image lacks a locale or a library of the source's, which says nothing of the
 * point. Throws RestoreStopped, ThrowawayUnavailable, PointDamaged.
 */
export async function applySettings(
  { reader, manifest }: StoredPoint,
  database: ThrowawayConnection,
  signal: AbortSignal,
): Promise<string[]> {
  const object = manifest.objects.find((candidate) => candidate.role === 'settings');
  if (!object) return [];
  const chunks: Uint8Array[] = [];
  for await (const chunk of readStoredObject(reader, object)) chunks.push(chunk);
  const notes: string[] = [];
  // One statement a line, whatever names and values hold: core/backup/globals-sql.ts.
  for (const line of Buffer.concat(chunks).toString('utf8').split('\n')) {
    if (line === '' || line.startsWith('--')) continue;
    signal.throwIfAborted();
    await database.query(line).catch((error: unknown) => {
      if (!(error instanceof DatabaseError)) throw error;
      const name = / SET "([^"]+)" TO /.exec(line)?.[1];
      if (name === undefined || !UNKNOWN_STATES.includes(error.code ?? ''))
        throw new RestoreStopped(
          'The restore',
          { kind: 'sql', sqlstate: error.code, object: name && `setting ${name}` },
          'ThrowawayUnavailable',
        );
      notes.push(`The setting ${name} was left out: the ephemeral server does not take its value (SQLSTATE ${error.code ?? 'unknown'})`);
    });
  }
  return notes;
}
