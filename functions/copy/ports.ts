import type { z } from 'zod';
import { openBucket } from '../../adapters/s3/bucket.ts';
import { s3Copier } from '../../adapters/s3/copy-objects.ts';
import type { CopyEnvironment } from '../../core/backup/contract.ts';
import { COPY_SIZES, type CopySizes } from '../../core/copy/plan-batches.ts';
import { parseEvidenceTerm, type LockTerm } from '../../core/lock/lock-terms.ts';
import { putMetrics } from '../metrics.ts';
import type { ObjectCopier } from '../../core/ports/object-copier.ts';
import type { ObjectLocker, ObjectReader, ObjectWriter } from '../../core/ports/object-store.ts';

/** What the functions of this stage work with. Everything that is written in the second region is sent to that region's endpoint. */
export type CopyPorts = {
  vault: ObjectReader & ObjectWriter;
  replica: ObjectReader & ObjectWriter & ObjectLocker;
  copier: ObjectCopier;
  replicaRegion: string;
  evidence: LockTerm;
  sizes: CopySizes;
  now: () => Date;
  /** How long after its commit a point was in the replica. */
  publishLag: (of: { system: string; asset: string }, lagSeconds: number) => void;
};

export function connectCopy(environment: z.output<typeof CopyEnvironment>): CopyPorts {
  const home = openBucket(environment.VAULT_BUCKET, {}, process.env);
  const replica = openBucket(environment.REPLICA_BUCKET, { region: environment.REPLICA_REGION, isBulk: true }, process.env);
  return {
    vault: { ...home.reader, ...home.writer },
    replica: { ...replica.reader, ...replica.writer, ...replica.locker },
    copier: s3Copier(replica.client, environment.REPLICA_BUCKET, environment.VAULT_BUCKET),
    replicaRegion: environment.REPLICA_REGION,
    evidence: parseEvidenceTerm(environment.EVIDENCE_DAYS, environment.EVIDENCE_MODE),
    sizes: COPY_SIZES,
    now: () => new Date(),
    publishLag: (of, value) => putMetrics(of, [{ name: 'ReplicaLag', unit: 'Seconds', value }]),
  };
}
