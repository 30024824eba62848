/** Which of what was stopped is put back, in which order, and what is told of it. Pure. */
import type { Quiesce, QuiesceStep } from '../plan/schema-quiesce.ts';
import type { PutBack, Remembered, ResumedPaper, StoppingPaper } from './contract.ts';

/** When it is a step's turn to be put back, from 0: as the plan says, else the last one stopped first. */
export function turnOf({ steps, resumeOrder }: Quiesce, number: number): number {
  const name = steps[number]?.name ?? '';
  return resumeOrder === undefined ? steps.length - 1 - number : resumeOrder.indexOf(name);
}

/** What is still to be put back, in its order. */
export const selectStopped = (stopping: readonly StoppingPaper[], resumed: readonly ResumedPaper[]): StoppingPaper[] =>
  stopping.filter(({ number }) => !resumed.some((paper) => paper.number === number)).toSorted((a, b) => a.turn - b.turn);

/** One sentence of all of it; empty when nothing was stopped. */
export function sayPutBack(run: string, outcomes: readonly PutBack[]): string {
  const [back, not] = [outcomes.filter(({ putBack }) => putBack), outcomes.filter(({ putBack }) => !putBack)];
  const list = (some: readonly PutBack[]) => some.map(({ name, how }) => `${name} (${how})`).join('; ');
  return [
    ...(back.length > 0 ? [`Put back: ${list(back)}`] : []),
    ...(not.length > 0 ? [`Not put back: ${list(not)}. Once that is put right: npx holdfast restore resume ${run}`] : []),
  ].join('. ');
}

/** What a person is to put back, where nothing else may. */
export function sayRemembered(remembered: Remembered): string {
  switch (remembered.kind) {
    case 'ecs-services':
      return remembered.services.map(({ service, desiredCount }) => `${service} ${desiredCount}`).join(', ');
    case 'ssm-document':
      return remembered.hosts.map(({ id, running }) => `${running.join(', ')} on ${id}`).join('; ');
    case 'lambda':
      return remembered.state;
    case 'manual':
      return '';
    default:
      return remembered satisfies never;
  }
}

/** What a restore that replaces the database will stop, for people, before it is asked for. */
export const sayStops = (quiesce: Quiesce | undefined): string[] => (quiesce?.steps ?? []).map((step) => `${step.name}: ${sayStep(step)}`);

function sayStep(step: QuiesceStep): string {
  switch (step.kind) {
    case 'ecs-services':
      return `services ${step.services.join(', ')} of the ECS cluster ${step.cluster} are scaled to none`;
    case 'ssm-document': {
      const { instances = [], tag } = step.hosts;
      const where = tag === undefined ? `on ${instances.join(', ')}` : `on every host with the tag ${tag.key}=${tag.value}`;
      return step.compose === undefined
        ? `${where} the document ${step.document ?? ''} stops what it is for`
        : `${where} the services ${step.compose.services.join(', ')} of Docker Compose are stopped`;
    }
    case 'lambda':
      return `the function ${step.function.split(':').at(-1) ?? ''} stops what it is for`;
    case 'manual':
      return `a person does this: ${step.what}`;
    default:
      return step satisfies never;
  }
}
