/** What holds no data and a managed server may refuse: each by itself, and what is refused is left out by name. */
import type { ArchiveEntry } from '../../core/archive/toc.ts';
import { RestoreStopped } from './errors.ts';

/** @param name for people: `EVENT TRIGGER audit` */
export type LeaveOut = (name: string) => void;

/** Denied, or given to a role that the server does not have. */
const REFUSED = ['42501', '42704'];

/** @param run one entry wholly or not at all: an owner that the server refuses takes back what was made */
export async function loadOptional(
  entries: readonly ArchiveEntry[],
  leaveOut: LeaveOut | undefined,
  run: (dumpIds: readonly number[], options: readonly string[]) => Promise<void>,
): Promise<void> {
  const missing = new Set<number>();
  for (const { dumpId, dependencies, kind, tag } of entries) {
    const needsMissing = dependencies.some((id) => missing.has(id));
    const isLeftOut = needsMissing || (await isRefused(() => run([dumpId], ['--single-transaction'])));
    if (!isLeftOut) continue;
    missing.add(dumpId);
    if (!needsMissing) leaveOut?.(`${kind ?? ''} ${Buffer.from(tag ?? '', 'latin1').toString('utf8')}`);
  }
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
