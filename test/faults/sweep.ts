/** Which calls fail in which way: all of them in the soak, a sample that can be had again otherwise. */
import { seededRandom } from '../helpers/seeded-random.ts';
import { QUICK_FAULTS, SLOW_FAULTS, type FailingDoor, type FaultKind, type PlannedFault } from './failing-calls.ts';

export const isSoak = process.env['HOLDFAST_SOAK'] === '1';

const SLOW_SAMPLE = 20;
/** A soak may be cut short: then it is of so many faults of each sweep. */
const MOST = Number(process.env['HOLDFAST_FAULTS'] ?? Number.POSITIVE_INFINITY);

type SweepCount = { cases: number; succeeded: number; failures: Map<string, number>; untouched: number };

type SweepPlan = {
  what: string;
  positions: number;
  sample: number;
  calls: FailingDoor;
  kinds?: readonly FaultKind[];
  slowKinds?: readonly FaultKind[];
};

/**
 * Runs `one` for every position and every fault, or for a sample of them. Its answer is what the faulted run ended as; it throws when
 * anything is not as it must be.
 */
export async function sweep(
  { what, positions, sample, calls, kinds = QUICK_FAULTS, slowKinds = SLOW_FAULTS }: SweepPlan,
  one: (fault: PlannedFault, where: string) => Promise<string | undefined>,
): Promise<SweepCount> {
  const random = seededRandom(`${what}, ${positions} calls`);
  const draw = (faults: PlannedFault[], count: number) =>
    Array.from({ length: Math.min(count, faults.length) }, () => faults.splice(random.below(faults.length), 1)).flat();
  const all = (of: readonly FaultKind[]) =>
    Array.from({ length: positions }, (_, index) => of.map((kind): PlannedFault => ({ position: index + 1, kind }))).flat();
  // Of those that wait until the client gives up, a few are enough: what the function does then, it does after a refusal too.
  const chosen = isSoak ? [...draw(all(kinds), MOST), ...draw(all(slowKinds), SLOW_SAMPLE)] : draw(all(kinds), sample);
  const wrong: Error[] = [];
  const count: SweepCount = { cases: 0, succeeded: 0, failures: new Map(), untouched: 0 };
  for (const fault of chosen) {
    const where = `${what}, ${fault.kind} at call ${fault.position}`;
    let end: string | undefined;
    try {
      end = await one(fault, where);
    } catch (error) {
      // One that fails does not hide the others.
      const why = error instanceof Error ? error.message : String(error);
      wrong.push(new Error(`${where} (${calls.calls()[fault.position - 1] ?? 'never reached'}): ${why}`, { cause: error }));
      process.stdout.write(`${wrong.at(-1)?.message}\n`);
      continue;
    }
    count.cases++;
    if (end === 'untouched') count.untouched++;
    else if (end === undefined) count.succeeded++;
    else count.failures.set(end, (count.failures.get(end) ?? 0) + 1);
  }
  const failed = [...count.failures].map(([name, times]) => `${name} ${times}`).join(', ') || 'none';
  process.stdout.write(
    `${what}: ${count.cases} faults in ${positions} calls: ${count.succeeded} runs succeeded all the same, failed by name: ${failed}, ${count.untouched} had nothing to cut\n`,
  );
  if (wrong.length > 0)
    throw new AggregateError(wrong, `${wrong.length} of ${chosen.length}: ${wrong.map(({ message }) => message).join('; ')}`);
  return count;
}
