import type { ObjectReader } from '../../core/ports/object-store.ts';
import { describeFailedDrill } from '../../core/restore/failed-drill.ts';
import { readPoint } from '../../core/vault/read-point.ts';
import { PointRecordDamaged, RecordFormatUnknown } from '../../core/vault/record-errors.ts';

/** A fact that somebody damaged, or that a newer release wrote, is no reason to refuse: nothing is said then. */
export async function findFailedDrill(
  vault: ObjectReader,
  { system, asset, point }: { system: string; asset: string; point: string },
): Promise<string[]> {
  try {
    const records = await readPoint(vault, system, asset, point);
    const said = records && describeFailedDrill(records.manifest, records.facts);
    return said === undefined ? [] : [said];
  } catch (error) {
    if (!(error instanceof PointRecordDamaged) && !(error instanceof RecordFormatUnknown)) throw error;
    return [];
  }
}
