import { parseJson } from '../../core/parse-json.ts';
import type { ProtectionPlan } from '../../core/plan/schema.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import { measureRestores, type MeasuredRestore } from '../../core/report/measured-restores.ts';
import { RestoreResult } from '../../core/restore/result.ts';
import { SignOff } from '../../core/sign-off/records.ts';
import { readEvidence, yearsBack } from './read-evidence.ts';

/** Restores are rare: more of them than that nobody reads at once. */
const MOST = 40;

/** The newest restores of a system with their sign-offs, newest first. */
export async function readRestores(reader: ObjectReader, { system }: ProtectionPlan, now: Date): Promise<MeasuredRestore[]> {
  const read = async <T>(kind: string, parse: (record: unknown) => T | undefined): Promise<T[]> => {
    const found: T[] = [];
    for await (const { body } of readEvidence(reader, { system, kind, years: yearsBack(now) })) {
      const record = parse(parseJson(body));
      if (record !== undefined) found.push(record);
      if (found.length === MOST) break;
    }
    return found;
  };
  const results = await read('restore-result', (record) => RestoreResult.safeParse(record).data);
  // A sign-off is named by the run of its restore.
  const signOffs = results.length === 0 ? [] : await read('sign-off', (record) => SignOff.safeParse(record).data);
  return measureRestores(results, signOffs);
}
