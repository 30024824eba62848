/**
 * The chain of an asset: link n holds the hash of a manifest, of the facts that stood beside it, and of link n-1, so that whatever was
 * taken away or put over later is missed by whoever follows the chain. Version 1 knew no facts. Pure.
 */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { isSlot } from '../vault/ids.ts';

const FIRST_FORMAT = 'holdfast/link/v1';
const LINK_FORMAT = 'holdfast/link/v2';
/** Every version that this release reads. */
export const LINK_FORMATS = [FIRST_FORMAT, LINK_FORMAT] as const;

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** Another record, as it must be: its key and the SHA-256 of its bytes. */
export const NamedRecord = z.strictObject({ key: z.string(), sha256: Sha256 });
export type NamedRecord = z.infer<typeof NamedRecord>;

const Fields = z.strictObject({
  system: z.string(),
  asset: z.string(),
  link: z.int().min(1),
  point: z.string().refine(isSlot),
  manifestSha256: Sha256,
  previousSha256: Sha256,
});
export const Link = z.discriminatedUnion('format', [
  z.strictObject({ format: z.literal(FIRST_FORMAT), ...Fields.shape }),
  /** `records`: the facts in the point's folder when it was linked. */
  z.strictObject({ format: z.literal(LINK_FORMAT), ...Fields.shape, records: z.array(NamedRecord) }),
]);
export type Link = z.infer<typeof Link>;

/** What the first link has in place of its predecessor's hash. */
export const NO_PREDECESSOR = '0'.repeat(64);

export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

export type LinkTarget = { system: string; asset: string; point: string; manifestSha256: string; records: NamedRecord[] };

/** @param last the highest link's number and bytes; undefined for an empty chain */
export const nextLink = (last: { link: number; body: Uint8Array } | undefined, target: LinkTarget): Link => ({
  format: LINK_FORMAT,
  system: target.system,
  asset: target.asset,
  link: (last?.link ?? 0) + 1,
  point: target.point,
  manifestSha256: target.manifestSha256,
  records: target.records,
  previousSha256: last ? sha256Of(last.body) : NO_PREDECESSOR,
});
