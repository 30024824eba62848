/**
 * The chain of an asset: link n holds the hash of a manifest and of link n-1, so that a point that was taken away or put over later
 * is missed by whoever follows the chain. Pure.
 */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { SLOT_PATTERN } from '../vault/ids.ts';
import { otherVersion } from '../vault/record-errors.ts';
import { parseJson } from '../parse-json.ts';

export const LINK_FORMAT = 'holdfast/link/v1';

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);

export const Link = z.strictObject({
  format: z.literal(LINK_FORMAT),
  system: z.string(),
  asset: z.string(),
  link: z.int().min(1),
  point: z.string().regex(SLOT_PATTERN),
  manifestSha256: Sha256,
  previousSha256: Sha256,
});
export type Link = z.infer<typeof Link>;

/** What the first link has in place of its predecessor's hash. */
export const NO_PREDECESSOR = '0'.repeat(64);

export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

export type LinkTarget = { system: string; asset: string; point: string; manifestSha256: string };

/** @param last the highest link's number and bytes; undefined for an empty chain */
export const nextLink = (last: { link: number; body: Uint8Array } | undefined, target: LinkTarget): Link => ({
  format: LINK_FORMAT,
  system: target.system,
  asset: target.asset,
  link: (last?.link ?? 0) + 1,
  point: target.point,
  manifestSha256: target.manifestSha256,
  previousSha256: last ? sha256Of(last.body) : NO_PREDECESSOR,
});

/**
 * What is wrong with a chain, from its first link on. Empty when it is whole.
 * @param manifestSha256Of hash of a point's manifest as it stands; undefined when the point is gone, which expiry may do
 */
export function verifyChain(links: readonly Uint8Array[], manifestSha256Of: (point: string) => string | undefined): string[] {
  const problems: string[] = [];
  let previousSha256 = NO_PREDECESSOR;
  for (const [index, body] of links.entries()) {
    const record = parseJson(body);
    const parsed = Link.safeParse(record);
    const unknown = otherVersion(record, LINK_FORMAT);
    if (unknown !== undefined) problems.push(`link ${index + 1} is of the format ${unknown}; this release reads ${LINK_FORMAT}`);
    else if (!parsed.success) problems.push(`link ${index + 1} cannot be read`);
    else {
      const { link, point, manifestSha256, previousSha256: claimed } = parsed.data;
      if (link !== index + 1) problems.push(`link ${index + 1} says that it is link ${link}`);
      if (claimed !== previousSha256) problems.push(`link ${index + 1} does not follow from the one before it`);
      const actual = manifestSha256Of(point);
      if (actual !== undefined && actual !== manifestSha256)
        problems.push(`the manifest of ${point} is not the one that link ${index + 1} names`);
    }
    previousSha256 = sha256Of(body);
  }
  return problems;
}
