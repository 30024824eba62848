import type { z } from 'zod';
import { openBucket } from '../../adapters/s3/bucket.ts';
import type { RequestPlace } from '../../adapters/vault/read-approval.ts';
import type { DecideEnvironment } from '../../core/approval/contract.ts';
import type { Roles } from '../../core/approval/decide.ts';
import type { ObjectReader, ObjectWriter } from '../../core/ports/object-store.ts';

/** What every function of approvals has: the vault, and who may ask and approve. */
export type ApprovalPorts = Roles & RequestPlace & { vault: ObjectReader & ObjectWriter; now: () => Date };

export function connectApproval({ SYSTEM, SIDE, VAULT_BUCKET, REQUESTERS, APPROVERS }: z.output<typeof DecideEnvironment>): ApprovalPorts {
  const { reader, writer } = openBucket(VAULT_BUCKET, {}, process.env);
  return {
    system: SYSTEM,
    side: SIDE,
    vault: { ...reader, ...writer },
    requesters: REQUESTERS,
    approvers: APPROVERS,
    now: () => new Date(),
  };
}
