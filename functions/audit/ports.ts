import type { z } from 'zod';
import { openBucket } from '../../adapters/s3/bucket.ts';
import type { AuditEnvironment, CheckObjectsEnvironment } from '../../core/audit/contract.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import type { VaultSide } from '../../core/vault/side.ts';

/** What the functions that look work with: none of it can write. */
export type AuditPorts = { system: string; side: VaultSide; vault: ObjectReader; now: () => Date };

/** The listing of escrow besides. */
export type CheckObjectsPorts = AuditPorts & { escrow: ObjectReader };
export const connectCheckObjects = (environment: z.output<typeof CheckObjectsEnvironment>): CheckObjectsPorts => ({
  ...connectAudit(environment),
  escrow: openBucket(environment.ESCROW_BUCKET, {}, process.env).reader,
});

const connectAudit = ({ SYSTEM, SIDE, VAULT_BUCKET }: z.output<typeof AuditEnvironment>): AuditPorts => ({
  system: SYSTEM,
  side: SIDE,
  vault: openBucket(VAULT_BUCKET, {}, process.env).reader,
  now: () => new Date(),
});
