/** The objects of a point whose dump is one archive: what is around it first, and last, as it is long, the dump. */
import { streamDump } from '../../adapters/postgres/dump-stream.ts';
import type { LibpqAccess } from '../../adapters/postgres/libpq.ts';
import { dumpArguments, schemaArguments } from '../../core/backup/dump-arguments.ts';
import type { DumpCommand } from '../../core/backup/dump-arguments.ts';
import { renderGlobals } from '../../core/backup/globals-sql.ts';
import type { DatabaseSetting } from '../../core/backup/globals-sql.ts';
import type { ObjectWriter } from '../../core/ports/object-store.ts';
import { dumpObjectKey, rolesObjectKey, schemaObjectKey, settingsObjectKey } from '../../core/vault/keys.ts';
import type { StoredObject } from '../../core/vault/manifest.ts';
import type { PointRoles } from '../../core/vault/roles.ts';
import { compress } from './compress.ts';
import { storeInPieces, storeStream } from './store-stream.ts';
import type { StoreSettings } from './store-stream.ts';
import type { ProgressWatch } from './watch-progress.ts';

export type ObjectsOfPoint = {
  vault: ObjectWriter;
  prefix: string;
  roles: PointRoles;
  settings: readonly DatabaseSetting[];
  access: LibpqAccess;
  programPath: string;
  command: DumpCommand;
  serverEndedBy: () => string | undefined;
  watch: ProgressWatch;
  settingsOfStore: StoreSettings;
};

export type StoredPoint = { objects: StoredObject[]; uncompressedBytes: number | undefined };

export async function storeObjects(point: ObjectsOfPoint): Promise<StoredPoint> {
  const { vault, prefix, watch, command, settingsOfStore } = point;
  const { format } = command;
  const { signal } = settingsOfStore;
  const objects = await storeFrame(point);
  const running = { programPath: point.programPath, environment: point.access.environment, serverEndedBy: point.serverEndedBy, signal };
  const archive = measured(watch.count(streamDump({ ...running, args: dumpArguments(command), format })));
  const stored = format === 'plain' ? compress(archive.chunks, command.compression) : archive.chunks;
  objects.push(...(await storeInPieces(vault, 'dump', (number) => dumpObjectKey(prefix, number), stored, settingsOfStore)));
  // A custom archive is compressed inside, where we do not look.
  return { objects, uncompressedBytes: format === 'plain' ? archive.bytes() : undefined };
}

/** What every point has around its data: roles, settings, and the schema when the plan asks for it. */
export async function storeFrame(point: ObjectsOfPoint): Promise<StoredObject[]> {
  const { vault, prefix, watch, command, settingsOfStore } = point;
  const { signal } = settingsOfStore;
  const running = { programPath: point.programPath, environment: point.access.environment, serverEndedBy: point.serverEndedBy, signal };
  const objects = [
    await storeStream(vault, 'roles', rolesObjectKey(prefix), inOne(`${JSON.stringify(point.roles, undefined, 2)}\n`), settingsOfStore),
    await storeStream(vault, 'settings', settingsObjectKey(prefix), inOne(renderGlobals(point.roles, point.settings)), settingsOfStore),
  ];
  if (command.options.schemaOnlyBeside) {
    const schema = watch.count(streamDump({ ...running, args: schemaArguments(command), format: 'plain' }));
    objects.push(await storeStream(vault, 'schema', schemaObjectKey(prefix), schema, settingsOfStore));
  }
  return objects;
}

export async function* inOne(whole: string | Uint8Array): AsyncGenerator<Uint8Array> {
  yield typeof whole === 'string' ? Buffer.from(whole) : whole;
}

function measured(source: AsyncIterable<Uint8Array>): { chunks: AsyncGenerator<Uint8Array>; bytes: () => number } {
  let bytes = 0;
  async function* pass() {
    for await (const chunk of source) {
      bytes += chunk.length;
      yield chunk;
    }
  }
  return { chunks: pass(), bytes: () => bytes };
}
