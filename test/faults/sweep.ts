/** Which calls fail in which way: all of them in the soak, a sample that can be had again otherwise. */
import { seededRandom } from '../helpers/seeded-random.ts';
import { FAULTS, QUICK_FAULTS, type FailingCalls, type PlannedFault } from './failing-calls.ts';

export const isSoak = process.env['HOLDFAST_SOAK'] === '1';

export type SweepCount = { cases: number; succeeded: number; failures: Map<string, number>; untouched: number };

/**
 * Runs `one` for every position and every fault, or for a sample of them. Its answer is what the faulted run ended as; it throws when
 * anything is not as it must be.
 */
export async function sweep(
  { what, positions, sample, calls }: { what: string; positions: number; sample: number; calls: FailingCalls },
  one: (fault: PlannedFault, where: string) => Promise<string | undefined>,
): Promise<SweepCount> {
  const kinds = isSoak ? FAULTS : QUICK_FAULTS;
  const all = Array.from({ length: positions }, (_, index) => index + 1).flatMap((position) =>
    kinds.map((kind): PlannedFault => ({ position, kind })),
  );
  const wrong: Error[] = [];
  const count: SweepCount = { cases: 0, succeeded: 0, failures: new Map(), untouched: 0 };
  const random = seededRandom(`${what}, ${isSoak ? all.length : sample} of ${all.length} faults in ${positions} calls`);
  const chosen = isSoak ? all : Array.from({ length: sample }, () => all.splice(random.below(all.length), 1)).flat();
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
    `${what}: ${count.cases} faults: ${count.succeeded} runs succeeded all the same, failed by name: ${failed}, ${count.untouched} had nothing to cut\n`,
  );
  if (wrong.length > 0)
    throw new AggregateError(wrong, `${wrong.length} of ${chosen.length}: ${wrong.map(({ message }) => message).join('; ')}`);
  return count;
}
