import type { QuiesceStep } from '../../core/plan/schema-quiesce.ts';
import { StepUnreachable, StepUnusable } from '../../core/quiesce/errors.ts';
import type { QuiescePorts } from '../../core/quiesce/ports.ts';
import type { StepWork } from '../../core/quiesce/step-work.ts';
import { askPerson } from './ask-person.ts';
import { callStep } from './call-step.ts';
import { commandHosts } from './command-hosts.ts';
import { scaleServices } from './scale-services.ts';

/** What a step needs of the outside: a function that only looks has no more. */
export function workOn(step: QuiesceStep, of: { run: string; number: number }, ports: QuiescePorts): StepWork {
  switch (step.kind) {
    case 'ecs-services':
      return scaleServices(step, ports);
    case 'ssm-document':
      return commandHosts(step, ports);
    case 'lambda':
      return callStep(step, of, ports);
    case 'manual':
      return askPerson(step, of, ports);
    default:
      return step satisfies never;
  }
}

/** How long until a step is looked at again: a person takes longer than a service. */
export const waitSecondsOf = (step: QuiesceStep): number => (step.kind === 'manual' ? 15 : 5);

/** What a service answers is told by its name alone: as one of the step, which S3 and KMS have nothing to do with. */
export async function working<T>(step: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof Error) || !('$metadata' in error)) throw error;
    const status = (error.$metadata as { httpStatusCode?: number }).httpStatusCode;
    if (status === undefined || status >= 500 || /Throttl|TooManyRequests|RateExceeded/i.test(error.name))
      throw new StepUnreachable(step, error.name, { cause: error });
    throw new StepUnusable(`The step ${step}: AWS answered ${error.name} (${status})`, { cause: error });
  }
}
