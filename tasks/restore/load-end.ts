/** What follows the rows. What holds no data, or can be made of it again, is left out by name where a server refuses it. */
import type { ArchiveEntry } from '../../core/archive/toc.ts';
import { stepOptions, VIEW_DATA, type ArchivePhases, type RestoreStep } from '../../core/restore/archive-phases.ts';
import { RestoreStopped } from './errors.ts';

/** @param name for people: `EVENT TRIGGER audit`, `MATERIALIZED VIEW DATA public.counted` */
export type LeaveOut = (name: string) => void;

type LoadEnd = {
  phases: ArchivePhases;
  /** All of the archive. */
  entries: readonly ArchiveEntry[];
  options: readonly string[];
  jobs: number;
  /** Where it is absent everything must stand at the end. */
  leaveOut: LeaveOut | undefined;
  run: (dumpIds: readonly number[], more: { jobs: number; options: readonly string[] }) => Promise<void>;
};

/** Denied, or given to a role that the server does not have. */
const REFUSED = ['42501', '42704'];

export async function loadEnd({ phases: { after, optional }, entries, options, jobs, leaveOut, run }: LoadEnd): Promise<void> {
  const runStep = (step: RestoreStep) => run(step.dumpIds, { jobs: step.isParallel ? jobs : 1, options: stepOptions(step, options) });
  /** One entry wholly or not at all: an owner that the server refuses takes back what was made. */
  const runAlone = (dumpId: number) => run([dumpId], { jobs: 1, options: [...options, '--single-transaction'] });
  for (const step of after) {
    if (leaveOut === undefined || !isLeftToPolicies(step, options)) await runStep(step);
    else if (await isRefused(() => runStep(step))) {
      const own = new Set(step.dumpIds);
      await loadOneByOne(
        entries.filter(({ dumpId }) => own.has(dumpId)),
        leaveOut,
        runAlone,
      );
    }
  }
  if (leaveOut !== undefined) await loadOneByOne(optional, leaveOut, runAlone);
}

/** Where all belongs to the login, a table may let its owner see nothing of what a materialized view is made of. */
const isLeftToPolicies = ({ isUnderPolicies }: RestoreStep, options: readonly string[]) =>
  isUnderPolicies && options.includes('--no-owner');

async function loadOneByOne(
  entries: readonly ArchiveEntry[],
  leaveOut: LeaveOut,
  runAlone: (dumpId: number) => Promise<void>,
): Promise<void> {
  const missing = new Set<number>();
  for (const entry of entries) {
    const needsMissing = entry.dependencies.some((id) => missing.has(id));
    if (!needsMissing && !(await isRefused(() => runAlone(entry.dumpId)))) continue;
    missing.add(entry.dumpId);
    // What is said of something that is left out goes with it; a view is one of its own.
    if (!needsMissing || entry.kind === VIEW_DATA) leaveOut(nameOf(entry));
  }
}

function nameOf({ kind, schema, tag }: ArchiveEntry): string {
  const name = Buffer.from([schema, tag].filter(Boolean).join('.'), 'latin1').toString('utf8');
  return `${kind ?? ''} ${name}`;
}

async function isRefused(run: () => Promise<void>): Promise<boolean> {
  try {
    await run();
    return false;
  } catch (error) {
    if (error instanceof RestoreStopped && REFUSED.includes(error.problem.sqlstate ?? '')) return true;
    throw error;
  }
}
