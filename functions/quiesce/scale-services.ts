/** Services of ECS: scaling is suspended before they are scaled to none, and comes back after their counts. */
import type { QuiesceStep } from '../../core/plan/schema-quiesce.ts';
import type { EcsService, QuiescePorts, Suspended } from '../../core/quiesce/ports.ts';
import { remembered as ofKind, type StepWork } from '../../core/quiesce/step-work.ts';

const ALL: Suspended = { in: true, out: true, scheduled: true };
const isAll = (suspended: Suspended) => suspended.in && suspended.out && suspended.scheduled;
const tasks = ({ runningCount, pendingCount }: EcsService) => runningCount + pendingCount;

export function scaleServices(
  { cluster, services }: Extract<QuiesceStep, { kind: 'ecs-services' }>,
  { services: ecs, scaling }: Pick<QuiescePorts, 'services' | 'scaling'>,
): StepWork {
  return {
    async look() {
      const [found, suspended] = [await ecs.describe(cluster, services), await scaling.describe(cluster, services)];
      return {
        kind: 'ecs-services',
        services: found.map(({ service, desiredCount }) => {
          const state = suspended.get(service);
          return { service, desiredCount, ...(state === undefined ? {} : { suspended: state }) };
        }),
      };
    },

    async stop() {
      const suspended = await scaling.describe(cluster, services);
      for (const [service, state] of suspended) if (!isAll(state)) await scaling.suspend(cluster, service, ALL);
      for (const { service, desiredCount } of await ecs.describe(cluster, services))
        if (desiredCount > 0) await ecs.setCount(cluster, service, 0);
      return {};
    },

    async check() {
      const busy = (await ecs.describe(cluster, services)).filter((service) => service.desiredCount + tasks(service) > 0);
      if (busy.length === 0) return 'stopped';
      const say = (one: EcsService) =>
        one.desiredCount > 0 ? `${one.service} was scaled to ${one.desiredCount} again` : `${one.service} has ${tasks(one)} tasks left`;
      return { pending: {}, why: busy.map(say).join(', ') };
    },

    async putBack(found) {
      const wanted = ofKind(found, 'ecs-services').services;
      const names = wanted.map(({ service }) => service);
      const now = new Map((await ecs.describe(cluster, names)).map((one) => [one.service, one]));
      const suspended = await scaling.describe(cluster, names);
      const told: string[] = [];
      const waiting: string[] = [];
      for (const { service, desiredCount, suspended: before } of wanted) {
        const { desiredCount: current = 0, runningCount = 0 } = now.get(service) ?? {};
        // Anything but none was set by somebody else, or by an earlier call of this.
        if (current === 0 && desiredCount > 0) await ecs.setCount(cluster, service, desiredCount);
        const state = suspended.get(service);
        if (before && state && isAll(state) && !isAll(before)) await scaling.suspend(cluster, service, before);
        const isTheirs = current !== 0 && current !== desiredCount;
        if (!isTheirs && runningCount < desiredCount) waiting.push(`${service} runs ${runningCount} of ${desiredCount} tasks`);
        told.push(isTheirs ? `${service} stays at ${current}, which somebody has set since` : `${service} ${desiredCount}`);
      }
      return waiting.length > 0 ? { pending: {}, why: waiting.join(', ') } : { how: told.join(', ') };
    },
  };
}
