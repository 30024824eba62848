import type { ProtectionPlan } from '../../core/plan/schema.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import { measureRestores, type MeasuredRestore } from '../../core/report/measured-restores.ts';
import { RestoreFailure, RestoreFollowUp, RestoreResult } from '../../core/restore/result.ts';
import { SignOff } from '../../core/sign-off/records.ts';
import type { VaultPlace } from '../connection.ts';
import { readNewestOf } from './read-evidence.ts';
import { onceEach } from './read-other-region.ts';

/** Restores are rare: more of them than that nobody reads at once. */
const MOST = 40;

/** The newest restores of a system with their sign-offs, newest first. */
export async function readRestores(reader: ObjectReader, { system }: ProtectionPlan, now: Date): Promise<MeasuredRestore[]> {
  const of = (kind: string) => ({ system, kind, now, most: MOST });
  const results = await readNewestOf(reader, of('restore-result'), (record) => RestoreResult.safeParse(record).data);
  // A sign-off is named by the run of its restore.
  const signOffs = results.length === 0 ? [] : await readNewestOf(reader, of('sign-off'), (record) => SignOff.safeParse(record).data);
  const undone =
    results.length === 0 ? [] : await readNewestOf(reader, of('restore-undo'), (record) => RestoreFollowUp.safeParse(record).data);
  return measureRestores(results, signOffs, undone);
}

/** The newest that began and did not come through, newest first. */
export const readFailedRestores = (reader: ObjectReader, { system }: ProtectionPlan, now: Date): Promise<RestoreFailure[]> =>
  readNewestOf(reader, { system, kind: 'restore-failure', now, most: MOST }, (record) => RestoreFailure.safeParse(record).data);

/** Of both regions, newest first. */
export const joinFailedRestores = (own: readonly RestoreFailure[], others: readonly RestoreFailure[]): RestoreFailure[] =>
  onceEach(own, others).toSorted((a, b) => Date.parse(b.endedAt) - Date.parse(a.endedAt));

/** Of both regions, newest first. Home's are copied to the second region: what home does not have was restored from the replica. */
export function joinRestores(own: readonly MeasuredRestore[], others: readonly MeasuredRestore[], from: VaultPlace): MeasuredRestore[] {
  const [home, second] = from === 'vault' ? [own, others] : [others, own];
  const isHome = new Set(home.map(({ run }) => run));
  return onceEach(home, second)
    .map((restore) =>
      !isHome.has(restore.run) && (from === 'vault' || home.length > 0) ? { ...restore, from: 'replica' as const } : restore,
    )
    .toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at));
}
