/** A run that was killed has left something stopped: what it remembered is what has to come back, not that it stands still now. Pure. */
import type { Remembered, StoppingPaper } from './contract.ts';

/**
 * What this run remembers, with what earlier ones had found running in place of what does not run now. `papers`: those of which
 * something was taken.
 * @param left steps that nobody has put back, the newest first
 */
export function takeOver(
  found: Remembered,
  step: string,
  left: readonly StoppingPaper[],
): { remembered: Remembered; papers: StoppingPaper[] } {
  const papers = left.filter((paper) => paper.step.name === step && paper.remembered.kind === found.kind);
  const merged = papers.reduceRight<Remembered>((later, paper) => merge(later, paper.remembered), found);
  return { remembered: merged, papers };
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
