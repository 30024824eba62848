import type { z } from 'zod';
import { openBucket } from '../../adapters/s3/bucket.ts';
import type { ObjectDeleter, ObjectReader, ObjectWriter } from '../../core/ports/object-store.ts';
import type { RetentionEnvironment } from '../../core/retention/contract.ts';

/** What the functions of this stage work with; each role says which of it really works. */
export type RetentionPorts = {
  system: string;
  /** The vault that this runs beside: home's or the replica. */
  vault: ObjectReader & ObjectWriter;
  deleter: ObjectDeleter;
  now: () => Date;
};

export function connectRetention(environment: z.output<typeof RetentionEnvironment>): RetentionPorts {
  const { reader, writer, deleter } = openBucket(environment.VAULT_BUCKET, {}, process.env);
  return {
    system: environment.SYSTEM,
    vault: { ...reader, ...writer },
    deleter,
    now: () => new Date(),
  };
}
