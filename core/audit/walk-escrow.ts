import { straysOf } from '../escrow/strays.ts';
import type { ObjectReader } from '../ports/object-store.ts';
import { keyWatchPrefix } from '../vault/keys.ts';
import type { EscrowFinding } from './escrow-findings.ts';
import { byKey } from './traces.ts';

/** Every object of escrow by listing: each is written once and nobody deletes one. Which values open, the runs of escrow say. */
export async function walkEscrow(
  escrow: ObjectReader,
  system: string,
  onFinding: (finding: EscrowFinding) => void,
): Promise<{ listed: number }> {
  let listed = 0;
  for (const prefix of [`${system}/`, keyWatchPrefix(system)])
    for await (const versions of byKey(escrow.listVersions(prefix))) {
      listed += versions.length;
      for (const { mark, ...object } of straysOf(versions)) onFinding({ kind: `escrow-${mark}`, bucket: escrow.bucket, ...object });
    }
  return { listed };
}
