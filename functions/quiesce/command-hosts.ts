/** Hosts, by a document that stops, starts and says what runs. Commands outlast a call: each is looked for again. */
import { durationSeconds } from '../../core/plan/durations.ts';
import type { QuiesceStep } from '../../core/plan/schema-quiesce.ts';
import { findFailed, readHosts } from '../../core/quiesce/host-output.ts';
import { StepUnusable } from '../../core/quiesce/errors.ts';
import type { HostTargets, QuiescePorts } from '../../core/quiesce/ports.ts';
import { remembered as ofKind, type Pending, type StepWork } from '../../core/quiesce/step-work.ts';

type Step = Extract<QuiesceStep, { kind: 'ssm-document' }>;
const idOf = (progress: Record<string, unknown>, what: string) => {
  const id = progress[what];
  return typeof id === 'string' ? id : undefined;
};

export function commandHosts(step: Step, { hosts, composeDocument }: Pick<QuiescePorts, 'hosts' | 'composeDocument'>): StepWork {
  const send = (action: 'stop' | 'start' | 'status', targets: HostTargets, services = step.compose?.services) =>
    step.compose === undefined
      ? hosts.send(step.document ?? '', targets, { action })
      : hosts.send(composeDocument, targets, {
          action,
          directory: step.compose.directory,
          services: (services ?? []).join(' '),
          executionTimeout: String(durationSeconds(step.timeout)),
        });
  const all: HostTargets = step.hosts.tag === undefined ? { instances: step.hosts.instances ?? [] } : { tag: step.hosts.tag };
  const asked = async (targets: HostTargets, why: string): Promise<Pending> => ({ pending: { asked: await send('status', targets) }, why });
  const still = (progress: Record<string, unknown>): Pending => ({
    pending: progress,
    why: idOf(progress, 'failed') ?? 'a host has not ended the command',
  });

  async function answered(progress: Record<string, unknown>) {
    const results = await hosts.results(idOf(progress, 'asked') ?? '');
    return results && readHosts(results, step.compose?.services);
  }

  return {
    async look(progress) {
      if (idOf(progress, 'asked') === undefined) return asked(all, 'the hosts were asked what runs');
      const found = await answered(progress);
      if (found === undefined) return still(progress);
      if (found.length === 0) throw new StepUnusable(`No host has the tag that the step ${step.name} names, so nothing would be stopped`);
      if (found.length > 50) throw new StepUnusable(`The step ${step.name} finds ${found.length} hosts, and a command takes 50`);
      return { kind: 'ssm-document', hosts: found };
    },

    async stop(found) {
      const running = ofKind(found, 'ssm-document').hosts.filter((host) => host.running.length > 0);
      return running.length === 0 ? {} : { told: await send('stop', { instances: running.map(({ id }) => id) }) };
    },

    async check(found, progress) {
      const instances = ofKind(found, 'ssm-document').hosts.map(({ id }) => id);
      const told = idOf(progress, 'told');
      if (told !== undefined) {
        const results = await hosts.results(told);
        if (results === undefined) return still(progress);
        const failed = findFailed(results);
        if (failed !== undefined) throw new StepUnusable(`The step ${step.name}: ${failed}`);
      }
      if (idOf(progress, 'asked') === undefined) return asked({ instances }, 'the hosts were asked what runs');
      const now = await answered(progress);
      if (now === undefined) return still(progress);
      const running = now.filter((host) => host.running.length > 0);
      if (running.length === 0 && now.length === instances.length) return 'stopped';
      return { pending: {}, why: running.map(({ id, running: what }) => `${id} runs ${what.join(', ')}`).join('; ') };
    },

    async putBack(found, progress) {
      const ran = ofKind(found, 'ssm-document').hosts.filter((host) => host.running.length > 0);
      if (ran.length === 0) return { how: 'had not run before' };
      const commands = progress['commands'];
      if (!Array.isArray(commands)) {
        const sent: string[] = [];
        // Hosts on which the same services ran are told by one command.
        for (const [services, same] of Map.groupBy(ran, (host) => host.running.join(' ')))
          sent.push(await send('start', { instances: same.map(({ id }) => id) }, services.split(' ')));
        return still({ ...progress, commands: sent });
      }
      for (const command of commands) {
        const results = await hosts.results(String(command));
        if (results === undefined) return still(progress);
        const failed = findFailed(results);
        // Told again: what one try has started the next one finds running.
        if (failed !== undefined) return still({ failed });
      }
      if (idOf(progress, 'asked') === undefined) {
        const next = await asked({ instances: ran.map(({ id }) => id) }, 'the hosts were asked what runs');
        return { ...next, pending: { ...progress, ...next.pending } };
      }
      const now = new Map((await answered(progress))?.map(({ id, running }) => [id, running]));
      if (now.size === 0) return still(progress);
      const missing = ran.flatMap(({ id, running }) =>
        running.filter((one) => !now.get(id)?.includes(one)).map((one) => `${one} on ${id}`),
      );
      if (missing.length > 0) return { pending: { commands }, why: `does not run: ${missing.join(', ')}` };
      return { how: ran.map(({ id, running }) => `${running.join(', ')} on ${id}`).join('; ') };
    },
  };
}
