/** A function of the plan's own: it is asked for its state before it is told anything. */
import type { QuiesceStep } from '../../core/plan/schema-quiesce.ts';
import type { QuiescePorts } from '../../core/quiesce/ports.ts';
import { remembered as ofKind, type StepWork } from '../../core/quiesce/step-work.ts';

export function callStep(
  step: Extract<QuiesceStep, { kind: 'lambda' }>,
  { run }: { run: string },
  { call }: Pick<QuiescePorts, 'call'>,
): StepWork {
  return {
    async look() {
      const state = await call(step.function, 'status', run);
      return state === 'changing' ? { pending: {}, why: 'the function says that it changes' } : { kind: 'lambda', state };
    },

    async stop(found) {
      if (ofKind(found, 'lambda').state === 'running') await call(step.function, 'stop', run);
      return {};
    },

    async check() {
      const state = await call(step.function, 'status', run);
      return state === 'stopped' ? 'stopped' : { pending: {}, why: `the function says: ${state}` };
    },

    async putBack(found, progress) {
      if (ofKind(found, 'lambda').state === 'stopped') return { how: 'had not run before' };
      if (progress['told'] !== true) {
        await call(step.function, 'start', run);
        return { pending: { told: true }, why: 'the function was told to start' };
      }
      const state = await call(step.function, 'status', run);
      return state === 'running' ? { how: 'runs' } : { pending: progress, why: `the function says: ${state}` };
    },
  };
}
