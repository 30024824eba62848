import { z } from 'zod';
import { parseJson } from '../../core/parse-json.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import { chainPrefix } from '../../core/vault/keys.ts';

/** Of a link, what says which manifest was recorded. */
const Link = z.object({ point: z.string(), manifestSha256: z.string() });

/** Hash of the point's manifest as the chain recorded it; undefined when it has no link yet. Newest links are looked at first. */
export async function readRecordedHash(reader: ObjectReader, system: string, asset: string, point: string): Promise<string | undefined> {
  const oldest = new Map<string, string>();
  for await (const version of reader.listVersions(chainPrefix(system, asset)))
    if (!version.isDeleteMarker && !version.key.endsWith('.dsse.json')) oldest.set(version.key, version.versionId);
  for (const [key, versionId] of [...oldest].sort(([a], [b]) => b.localeCompare(a))) {
    const found = await reader.get({ key, versionId });
    const link = Link.safeParse(found && parseJson(found.body));
    if (link.success && link.data.point === point) return link.data.manifestSha256;
  }
  return undefined;
}
