/** Commands of a step to its hosts. Each outlasts a call: one call sends it, a later one finds how it ended. */
import { durationSeconds } from '../../core/plan/durations.ts';
import type { QuiesceStep } from '../../core/plan/schema-quiesce.ts';
import type { Progress } from '../../core/quiesce/contract.ts';
import { findFailed, readHosts } from '../../core/quiesce/host-output.ts';
import type { HostTargets, QuiescePorts } from '../../core/quiesce/ports.ts';
import type { Pending } from '../../core/quiesce/step-work.ts';

export type HostStep = Extract<QuiesceStep, { kind: 'ssm-document' }>;
export type HostPorts = Pick<QuiescePorts, 'hosts' | 'composeDocument'>;
export type ToldHosts = ReturnType<typeof tellHosts>;

export const idOf = (progress: Progress, what: string) => {
  const id = progress[what];
  return typeof id === 'string' ? id : undefined;
};
export const still = (progress: Progress): Pending => ({
  pending: progress,
  why: idOf(progress, 'failed') ?? 'a host has not ended the command',
});

export function tellHosts({ compose, document = '', hosts: of, timeout }: HostStep, { hosts, composeDocument }: HostPorts) {
  const all: HostTargets = of.tag === undefined ? { instances: of.instances ?? [] } : { tag: of.tag };
  const send = (action: 'stop' | 'start' | 'status', targets: HostTargets, services = compose?.services) =>
    compose === undefined
      ? hosts.send(document, targets, { action })
      : hosts.send(composeDocument, targets, {
          action,
          directory: compose.directory,
          services: (services ?? []).join(' '),
          executionTimeout: String(durationSeconds(timeout)),
        });
  return {
    all,
    stop: (instances: string[]) => send('stop', { instances }),
    start: (instances: string[], services: string[]) => send('start', { instances }, services),
    /** Of hosts that were asked by an earlier call, as `progress` says; else they are asked now. */
    async whatRuns(targets: HostTargets, progress: Progress): Promise<{ id: string; running: string[] }[] | Pending> {
      const asked = idOf(progress, 'asked');
      if (asked === undefined)
        return { pending: { ...progress, asked: await send('status', targets) }, why: 'the hosts were asked what runs' };
      const results = await hosts.results(asked);
      return results === undefined ? still(progress) : readHosts(results, compose?.services);
    },
    /** Undefined until it has ended. */
    async endOf(command: string): Promise<{ failed: string | undefined } | undefined> {
      const results = await hosts.results(command);
      return results && { failed: findFailed(results) };
    },
  };
}
