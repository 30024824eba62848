/** Whether the segments that a manifest names are, by their names and numbers, whole tables. Nothing of their bytes is asked. */
import { attemptPrefix, segmentFile, segmentObjectKey, tocObjectKey } from '../vault/keys.ts';
import type { Manifest, Segment, StoredObject } from '../vault/manifest.ts';

export type SegmentFault = { key: string; what: string };
export type SegmentObject = StoredObject & { segment: Segment };

export const segmentObjects = (manifest: Manifest): SegmentObject[] =>
  manifest.objects.filter((object): object is SegmentObject => object.segment !== undefined);

/** The first thing that is wrong, or undefined. For segmented points only. */
export function findSegmentFault(manifest: Manifest): SegmentFault | undefined {
  const { system, asset, point, attempt, dump, objects } = manifest;
  const prefix = attemptPrefix(system, asset, point, attempt);
  if (dump.compression === 'none') return { key: prefix, what: 'a segmented archive is always compressed' };
  const tocs = objects.filter(({ role }) => role === 'toc');
  if (tocs.length !== 1 || tocs[0]?.key !== tocObjectKey(prefix))
    return { key: tocObjectKey(prefix), what: 'the manifest does not name it once' };
  const segments = segmentObjects(manifest);
  const tables = new Map<string, SegmentObject[]>();
  for (const object of segments) {
    const { tableOid, number } = object.segment;
    if (object.key !== segmentObjectKey(prefix, segmentFile(tableOid, number), dump.compression))
      return { key: object.key, what: `it is not the key of segment ${number} of table ${tableOid}` };
    tables.set(tableOid, [...(tables.get(tableOid) ?? []), object]);
  }
  for (const ofTable of tables.values()) {
    const fault = faultOfTable(ofTable);
    if (fault) return fault;
  }
  return undefined;
}

function faultOfTable(objects: readonly SegmentObject[]): SegmentFault | undefined {
  const numbers = new Set(objects.map(({ segment }) => segment.number));
  const [first] = objects;
  if (!first) return undefined;
  const { table, columns, of } = first.segment;
  for (const { key, segment } of objects) {
    if (segment.table !== table || segment.columns !== columns || segment.of !== of)
      return { key, what: `its table, columns or number of segments is not that of ${first.key}` };
    if (segment.number > of) return { key, what: `it is segment ${segment.number} of ${of}` };
  }
  if (objects.length !== numbers.size) return { key: first.key, what: `a segment of ${table} is named twice` };
  for (let number = 1; number <= of; number++)
    if (!numbers.has(number)) return { key: first.key, what: `segment ${number} of ${of} of ${table} is missing` };
  return undefined;
}
