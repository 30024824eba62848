import type { Executions } from '../../core/ports/executions.ts';
import type { StoppingPaper } from '../../core/quiesce/contract.ts';
import { StillRunning } from '../../core/quiesce/errors.ts';

/** Throws StillRunning when another execution that goes on has stopped one of these. */
export async function requireEnded(papers: readonly StoppingPaper[], own: string, executions: Executions): Promise<void> {
  const others = new Map(papers.flatMap(({ execution, run }) => (execution === undefined || execution === own ? [] : [[execution, run]])));
  for (const [execution, run] of others) if ((await executions.stateOf(execution)) === 'running') throw new StillRunning(run, execution);
}
