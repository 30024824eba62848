/** A run that was killed has left something stopped: what it remembered is what has to come back, not that it stands still now. Pure. */
import type { QuiesceStep } from '../plan/schema-quiesce.ts';
import type { Remembered, StoppingPaper } from './contract.ts';

/**
 * What this run remembers, with what earlier ones had found running in place of what does not run now. `papers`: those of which
 * something was taken. `rest`: what they have stopped and the plan no longer names, which is to be put back and not to be stopped.
 * @param left steps that nobody has put back, the newest first
 */
export function takeOver(
  found: Remembered,
  step: QuiesceStep,
  left: readonly StoppingPaper[],
): { remembered: Remembered; papers: StoppingPaper[]; rest?: Remembered } {
  const papers = left.filter(
    (paper) => placeOf(paper.step) === placeOf(step) && [step.name, nameOfRest(step.name)].includes(paper.step.name),
  );
  const remembered = papers.reduceRight<Remembered>((later, paper) => merge(later, paper.remembered), found);
  const rest = restOf(found, papers);
  return { remembered, papers, ...(rest === undefined ? {} : { rest }) };
}

/** What is put back under it stands beside the step in messages; a name has 40 characters at most. */
const nameOfRest = (name: string) => `${name.slice(0, 35)}-left`;

/** The paper of a rest: numbered past every step of a plan, so that it is never told to stop. */
export const ofRest = (paper: StoppingPaper, remembered: Remembered): StoppingPaper => ({
  ...paper,
  number: 100 + paper.number,
  step: { ...paper.step, name: nameOfRest(paper.step.name) },
  remembered,
  isLeft: true,
});

/** The same name may stand for something else in a newer plan. */
function placeOf(step: QuiesceStep): string {
  switch (step.kind) {
    case 'ecs-services':
      return `${step.kind} ${step.cluster}`;
    case 'ssm-document':
      return `${step.kind} ${step.document ?? ''} ${step.compose?.directory ?? ''}`;
    case 'lambda':
      return `${step.kind} ${step.function}`;
    case 'manual':
      return step.kind;
    default:
      return step satisfies never;
  }
}

function restOf(now: Remembered, papers: readonly StoppingPaper[]): Remembered | undefined {
  const before = papers.map(({ remembered }) => remembered);
  if (now.kind === 'ecs-services') {
    const named = new Set(now.services.map(({ service }) => service));
    const all = before.flatMap((one) => (one.kind === now.kind ? one.services : [])).filter(({ service }) => !named.has(service));
    // Of two runs the later one in the list is the older one, and it counts.
    const services = [...new Map(all.map((one) => [one.service, one])).values()];
    return services.length > 0 ? { kind: now.kind, services } : undefined;
  }
  if (now.kind === 'ssm-document') {
    const named = new Set(now.hosts.map(({ id }) => id));
    const all = before
      .flatMap((one) => (one.kind === now.kind ? one.hosts : []))
      .filter(({ id, running }) => running.length > 0 && !named.has(id));
    const hosts = [...new Map(all.map((one) => [one.id, one])).values()];
    return hosts.length > 0 ? { kind: now.kind, hosts } : undefined;
  }
  return undefined;
}

/** The oldest comes last and wins: of two runs that found nothing the first one's memory is the one that counts. */
function merge(now: Remembered, before: Remembered): Remembered {
  switch (now.kind) {
    case 'ecs-services': {
      const earlier = before.kind === now.kind ? before.services : [];
      return {
        ...now,
        services: now.services.map((one) => (one.desiredCount > 0 ? one : (earlier.find(({ service }) => service === one.service) ?? one))),
      };
    }
    case 'ssm-document': {
      const earlier = before.kind === now.kind ? before.hosts : [];
      return { ...now, hosts: now.hosts.map((one) => (one.running.length > 0 ? one : (earlier.find(({ id }) => id === one.id) ?? one))) };
    }
    case 'lambda':
      return now.state === 'running' || before.kind !== now.kind ? now : before;
    case 'manual':
      return now;
    default:
      return now satisfies never;
  }
}
