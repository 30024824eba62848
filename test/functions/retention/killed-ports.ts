/** Ports under which the function that uses them is killed at one of its calls of S3. */
import type { ObjectRef } from '../../../core/ports/object-store.ts';
import type { RetentionPorts } from '../../../functions/retention/ports.ts';

export class Killed extends Error {}

/** Before S3 heard of the call; after it did what it was asked, and before the answer came; or, of a deletion, when half of it was done. */
export const KILLS = ['before', 'after', 'half'] as const;
export type Kill = (typeof KILLS)[number];

/** @param position of the call at which it is killed, from 1; undefined: never, for counting */
export function killedPorts(ports: RetentionPorts, kill: Kill, position?: number): { ports: RetentionPorts; calls: () => number } {
  let calls = 0;
  const isLast = () => ++calls === position;
  const call =
    <A extends unknown[], R>(work: (...given: A) => Promise<R>) =>
    async (...given: A): Promise<R> => {
      const last = isLast();
      if (last && kill !== 'after') throw new Killed();
      const answer = await work(...given);
      if (last) throw new Killed();
      return answer;
    };
  const listing = <T>(list: (prefix: string) => AsyncIterable<T>) =>
    async function* (prefix: string): AsyncIterable<T> {
      if (isLast()) throw new Killed();
      yield* list(prefix);
    };
  const { vault, deleter } = ports;
  return {
    calls: () => calls,
    ports: {
      ...ports,
      vault: {
        ...vault,
        get: call((ref: ObjectRef) => vault.get(ref)),
        head: call((ref: ObjectRef) => vault.head(ref)),
        putOnce: call((key: string, body: string | Uint8Array) => vault.putOnce(key, body)),
        listVersions: listing((prefix) => vault.listVersions(prefix)),
        listFolders: listing((prefix) => vault.listFolders(prefix)),
      },
      deleter: {
        ...deleter,
        listUnfinished: listing((prefix) => deleter.listUnfinished(prefix)),
        abortUpload: call((upload: { key: string; uploadId: string }) => deleter.abortUpload(upload)),
        deleteVersions: async (refs) => {
          const last = isLast();
          if (last && kill === 'before') throw new Killed();
          const refused = await deleter.deleteVersions(last && kill === 'half' ? refs.slice(0, Math.ceil(refs.length / 2)) : refs);
          if (last) throw new Killed();
          return refused;
        },
      },
    },
  };
}
