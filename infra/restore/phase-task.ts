import { RESTORE_STEPS } from '../../core/failure/steps.ts';
import type { TaskPhase } from '../../core/restore/target.ts';
import type { Fields, TaskState } from '../asl/definition.ts';
import { timeLeftOr } from '../asl/deadline.ts';
import { literal } from '../asl/expression.ts';
import { currentTry, MACHINE_SCOPE } from '../asl/failure-states.ts';
import { fargateTask, type TaskNetwork } from '../asl/fargate-task.ts';

export type PhaseParts = { system: string; cluster: string; restoreNetwork: TaskNetwork };

/** Those that copy nothing, and must not be kept from their work by the time that a restore took. */
const SHORT: readonly TaskPhase[] = ['prepare', 'swap', 'settle', 'undo', 'finish'];
export const SHORT_PHASE_SECONDS = 1800;

/** One phase of the restore task. */
export const phaseTask = (parts: PhaseParts, phase: TaskPhase, then: { next: string; assign?: Fields }): TaskState => ({
  ...fargateTask({
    system: parts.system,
    task: 'restore',
    cluster: parts.cluster,
    network: parts.restoreNetwork,
    environment: {
      PHASE: literal(phase),
      TARGET: '$target',
      POINT: '$point',
      DATABASE: '$database',
      SELECTION: '$selection',
      RUN: '$run',
      ...(phase === 'replace' ? { SAFETY: '$safety' } : {}),
      ...(['undo', 'finish', 'settle'].includes(phase) ? { OF: '$of' } : {}),
      TRY: currentTry(MACHINE_SCOPE, RESTORE_STEPS[phase]),
    },
    next: then.next,
  }),
  // What is restored by then is looked at, however long that took.
  ...(phase === 'validate' ? { TimeoutSeconds: timeLeftOr(SHORT_PHASE_SECONDS) } : {}),
  ...(SHORT.includes(phase) ? { TimeoutSeconds: SHORT_PHASE_SECONDS } : {}),
  ...(then.assign === undefined ? {} : { Assign: then.assign }),
});
