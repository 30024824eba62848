/** What stands in the vault of a request, read by version: of each key the oldest counts, whatever was put over it. */
import { createHash } from 'node:crypto';
import { storedVersions } from './read-records.ts';
import type { ApprovalRecords, StoredDecision } from '../../core/approval/decide.ts';
import {
  ApprovalAuthor,
  approvalAuthorKey,
  ApprovalDecision,
  approvalKey,
  ApprovalRequest,
  approvalRequestKey,
} from '../../core/approval/records.ts';
import type { Side } from '../../core/names.ts';
import { parseJson } from '../../core/parse-json.ts';
import type { ListedVersion, ObjectReader } from '../../core/ports/object-store.ts';
import { PointRecordDamaged } from '../../core/vault/record-errors.ts';
import type { z } from 'zod';

export type RequestPlace = { system: string; side: Side; vault: ObjectReader };

/** Undefined when nothing was asked under this run. Throws PointRecordDamaged where something else stands under the name of a record. */
export async function readRequest({ system, side, vault }: RequestPlace, run: string): Promise<ApprovalRecords | undefined> {
  const found = await readOldest(vault, ApprovalRequest, approvalRequestKey(system, run, side));
  if (!found) return undefined;
  const author = await readOldest(vault, ApprovalAuthor, approvalAuthorKey(system, run, side));
  return {
    request: found.record,
    requestSha256: createHash('sha256').update(found.body).digest('hex'),
    author: author?.record.author,
    decisions: await readDecisions({ system, side, vault }, run),
  };
}

async function readDecisions({ system, side, vault }: RequestPlace, run: string): Promise<StoredDecision[]> {
  const prefix = approvalKey(system, run, '', side).replace(/\.json$/, '');
  const oldest = new Map<string, ListedVersion>();
  for (const version of await storedVersions(vault, prefix)) if (/-\d{1,2}\.json$/.test(version.key)) oldest.set(version.key, version);
  const read = await Promise.all([...oldest.values()].map((version) => readVersion(vault, ApprovalDecision, version)));
  for (const [index, key] of [...oldest.keys()].entries())
    if (key !== approvalKey(system, run, read[index]?.record.n ?? 0, side)) throw new PointRecordDamaged(`s3://${vault.bucket}/${key}`);
  return read.map(({ record, storedAt }) => ({ decision: record, storedAt })).toSorted((a, b) => a.decision.n - b.decision.n);
}

async function readOldest<S extends z.ZodType>(vault: ObjectReader, schema: S, key: string) {
  const version = (await storedVersions(vault, key)).findLast((one) => one.key === key);
  return version && readVersion(vault, schema, version);
}

async function readVersion<S extends z.ZodType>(
  vault: ObjectReader,
  schema: S,
  { key, versionId, lastModified }: ListedVersion,
): Promise<{ record: z.output<S>; body: Uint8Array; storedAt: Date }> {
  const found = await vault.get({ key, versionId });
  const parsed = schema.safeParse(found && parseJson(found.body));
  if (!found || !parsed.success) throw new PointRecordDamaged(`s3://${vault.bucket}/${key}`);
  return { record: parsed.data, body: found.body, storedAt: lastModified };
}
