/** What a person does: told by the topic of alarms, and done when somebody who may says so. */
import type { QuiesceStep } from '../../core/plan/schema-quiesce.ts';
import type { QuiescePorts } from '../../core/quiesce/ports.ts';
import type { Pending, StepWork } from '../../core/quiesce/step-work.ts';

export function askPerson(
  { name, what, putBack }: Extract<QuiesceStep, { kind: 'manual' }>,
  { run, number }: { run: string; number: number },
  { tell, isTicked }: Pick<QuiescePorts, 'tell' | 'isTicked'>,
): StepWork {
  const ask = (doing: string, part: 'stop' | 'start') =>
    tell(
      `Holdfast: a restore waits for ${name}`,
      [`Do now     ${doing}`, `Then       npx holdfast restore tick ${run} ${name} --${part === 'stop' ? 'stopped' : 'back'}`, ''].join(
        '\n',
      ),
    );
  const waits = (progress: Record<string, unknown>): Pending => ({ pending: progress, why: 'nobody has said that it is done' });
  return {
    look: () => Promise.resolve({ kind: 'manual' }),
    async stop() {
      await ask(what, 'stop');
      return {};
    },
    async check(_found, progress) {
      return (await isTicked(number, 'stop')) ? 'stopped' : waits(progress);
    },
    async putBack(_found, progress) {
      if (await isTicked(number, 'start')) return { how: 'somebody has said so' };
      if (progress['told'] !== true) await ask(putBack, 'start');
      return waits({ told: true });
    },
  };
}
