/** Services of the emulator's ECS; scaling of an endpoint that answers as Application Auto Scaling does. */
import {
  CreateClusterCommand,
  CreateServiceCommand,
  DeleteServiceCommand,
  DescribeServicesCommand,
  ECSClient,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { clientConfig } from '../../../adapters/aws/settings.ts';
import { scalableTargets } from '../../../adapters/ecs/scalable-targets.ts';
import { ecsServices } from '../../../adapters/ecs/services.ts';
import { readPapers } from '../../../adapters/vault/quiesce-papers.ts';
import { Quiesce } from '../../../core/plan/schema-quiesce.ts';
import { stop } from '../../../functions/quiesce/stop.ts';
import { rootSettings, uniqueSuffix } from '../../helpers/servers.ts';
import { ASSET, makeQuiesceWorld } from './quiesce-world.ts';
import { makeScalingService, NOT_SUSPENDED, SUSPENDED } from './services-of-aws.ts';

const settings = rootSettings('eu-central-1');
const ecs = new ECSClient(clientConfig(settings));
const targets = new Map<string, { ResourceId: string; MinCapacity: number; MaxCapacity: number; SuspendedState: typeof NOT_SUSPENDED }>();
let scaling: Awaited<ReturnType<typeof makeScalingService>>;
let world: Awaited<ReturnType<typeof makeQuiesceWorld>>;
let cluster: string;
let runs = 0;
const newRun = () => `20261121T02${String(runs++).padStart(4, '0')}Z-0a1b2c`;

beforeAll(async () => {
  scaling = await makeScalingService(targets);
  world = await makeQuiesceWorld({ services: ecsServices(settings), scaling: scalableTargets(scaling.settings) });
});
afterAll(() => scaling.close());
beforeEach(async () => {
  cluster = `shop-${uniqueSuffix()}`;
  await ecs.send(new CreateClusterCommand({ clusterName: cluster }));
  targets.clear();
});

async function makeService(serviceName: string, desiredCount: number, suspended?: typeof NOT_SUSPENDED) {
  // A task definition that the emulator does not have: it counts tasks, and runs none.
  await ecs.send(new CreateServiceCommand({ cluster, serviceName, desiredCount, taskDefinition: 'none' }));
  const ResourceId = `service/${cluster}/${serviceName}`;
  if (suspended) targets.set(ResourceId, { ResourceId, MinCapacity: 2, MaxCapacity: 9, SuspendedState: suspended });
}
const scale = (service: string, desiredCount: number) => ecs.send(new UpdateServiceCommand({ cluster, service, desiredCount }));
const counts = async (...names: string[]) => {
  const { services = [] } = await ecs.send(new DescribeServicesCommand({ cluster, services: names }));
  return names.map((name) => services.find(({ serviceName }) => serviceName === name)?.desiredCount);
};
const suspensions = () =>
  [...targets.values()].map(({ SuspendedState, MinCapacity, MaxCapacity }) => ({ SuspendedState, MinCapacity, MaxCapacity }));
const plan = (...services: string[]) => ({ steps: [{ kind: 'ecs-services', name: 'application', timeout: 'PT30S', cluster, services }] });

describe('services of ECS', () => {
  it('are scaled to none and back to what they were, their scaling suspended meanwhile', async () => {
    await makeService('api', 3, NOT_SUSPENDED);
    await makeService('worker', 1);
    await makeService('batch', 0, { ...NOT_SUSPENDED, ScheduledScalingSuspended: true });
    const before = suspensions();
    const run = newRun();
    await world.stopAll(run, plan('api', 'worker', 'batch'));
    expect(await counts('api', 'worker', 'batch')).toEqual([0, 0, 0]);
    expect(suspensions().map((one) => one.SuspendedState)).toEqual([SUSPENDED, SUSPENDED]);
    expect(await world.resume(run)).toMatchObject({ complete: true, message: 'Put back: application (api 3, worker 1, batch 0)' });
    expect([await counts('api', 'worker', 'batch'), suspensions()]).toEqual([[3, 1, 0], before]);
  });

  it('are put back once: what somebody sets afterwards stays', async () => {
    await makeService('api', 3);
    const run = newRun();
    await world.stopAll(run, plan('api'));
    await world.resume(run);
    await scale('api', 0);
    expect(await world.resume(run)).toMatchObject({ complete: true, message: '' });
    expect(await counts('api')).toEqual([0]);
  });

  it('are left as somebody has set them while they were stopped', async () => {
    await makeService('api', 3, NOT_SUSPENDED);
    const run = newRun();
    await world.stopAll(run, plan('api'));
    await scale('api', 5);
    targets.set(`service/${cluster}/api`, {
      ...targets.get(`service/${cluster}/api`)!,
      SuspendedState: { ...SUSPENDED, ScheduledScalingSuspended: false },
    });
    expect(await world.resume(run)).toMatchObject({
      complete: true,
      message: 'Put back: application (api stays at 5, which somebody has set since)',
    });
    expect(targets.get(`service/${cluster}/api`)?.SuspendedState).toEqual({ ...SUSPENDED, ScheduledScalingSuspended: false });
  });

  it('are remembered by what ran before the first try, though a second one finds them at none', async () => {
    await makeService('api', 4, NOT_SUSPENDED);
    const run = newRun();
    const request = { asset: ASSET, run, execution: `execution-of-${run}`, quiesce: Quiesce.parse(plan('api')), number: 0, progress: {} };
    // Killed right after it had told ECS, and tried again.
    await stop(request, world.ports);
    await world.stopAll(run, plan('api'));
    await world.resume(run);
    expect([await counts('api'), targets.get(`service/${cluster}/api`)?.SuspendedState]).toEqual([[4], NOT_SUSPENDED]);
  });

  it('that the plan no longer names are put back by the run that takes over, which does not stop them', async () => {
    for (const name of ['api', 'worker', 'batch']) await makeService(name, 3, NOT_SUSPENDED);
    const [killed, second] = [newRun(), newRun()];
    await world.stopAll(killed, plan('api', 'worker', 'batch'));
    await scale('batch', 2);
    await world.stopAll(second, plan('api'));
    expect(await counts('api', 'worker', 'batch')).toEqual([0, 0, 2]);
    expect(await world.resume(killed)).toMatchObject({ complete: true, message: '' });
    expect(await world.resume(second)).toMatchObject({
      complete: true,
      message: 'Put back: application (api 3); application-left (worker 3, batch stays at 2, which somebody has set since)',
    });
    expect(await counts('api', 'worker', 'batch')).toEqual([3, 3, 2]);
    expect(targets.get(`service/${cluster}/worker`)?.SuspendedState).toEqual(NOT_SUSPENDED);
  });

  it('that the plan no longer names are taken over by a third run as well', async () => {
    for (const name of ['api', 'worker']) await makeService(name, 3);
    const [killed, second, third] = [newRun(), newRun(), newRun()];
    await world.stopAll(killed, plan('api', 'worker'));
    await world.stopAll(second, plan('api'));
    await world.stopAll(third, plan('api'));
    await world.resume(third);
    expect(await counts('api', 'worker')).toEqual([3, 3]);
  });

  it('that the plan no longer names and that are not there any more are told of once', async () => {
    for (const name of ['api', 'worker']) await makeService(name, 3);
    const [killed, second] = [newRun(), newRun()];
    await world.stopAll(killed, plan('api', 'worker'));
    await ecs.send(new DeleteServiceCommand({ cluster, service: 'worker', force: true }));
    await world.stopAll(second, plan('api'));
    expect(await world.resume(second)).toMatchObject({
      complete: false,
      message: expect.stringMatching(
        /^Put back: application \(api 3\)\. Not put back: application-left \(.* no active service worker\. The plan no longer names it, so put it back by hand: worker 3\)/,
      ) as string,
    });
    expect(await world.resume(second)).toMatchObject({ complete: true, message: '' });
  });

  it('come back as they were before a run that was killed and that nobody resumed', async () => {
    await makeService('api', 4, NOT_SUSPENDED);
    const [killed, second] = [newRun(), newRun()];
    await world.stopAll(killed, plan('api'));
    await world.stopAll(second, plan('api'));
    const { stopping } = await readPapers(world.vault, { system: world.system, asset: ASSET, run: second });
    expect(stopping[0]).toMatchObject({ takenOverFrom: killed, remembered: { services: [{ service: 'api', desiredCount: 4 }] } });
    // The first run has nothing to put back any more: the second would be left with services that run.
    expect(await world.resume(killed)).toMatchObject({ complete: true, message: '' });
    expect(await counts('api')).toEqual([0]);
    await world.resume(second);
    expect([await counts('api'), targets.get(`service/${cluster}/api`)?.SuspendedState]).toEqual([[4], NOT_SUSPENDED]);
  });

  it('are told of when they do not stop in time, and when one is not there', async () => {
    await makeService('api', 2);
    world.meanwhile.happens = async () => void (await scale('api', 2));
    await expect(world.stopAll(newRun(), plan('api'))).rejects.toMatchObject({
      failure: 'QuiesceFailed',
      message: 'The step application did not stop: after 30 s, api was scaled to 2 again',
    });
    world.meanwhile.happens = () => undefined;
    await expect(world.stopAll(newRun(), plan('api', 'nobody'))).rejects.toMatchObject({
      failure: 'QuiesceFailed',
      message: `The cluster ${cluster} has no active service nobody`,
    });
    expect(await counts('api')).toEqual([2]);
  });

  it('stay stopped after a failure where the plan says so, until a person resumes', async () => {
    await makeService('api', 2);
    const run = newRun();
    const { steps } = plan('api');
    await world.stopAll(run, { steps: steps.map((step) => ({ ...step, resumeOnFailure: false })) });
    expect(await world.resume(run, true)).toMatchObject({
      complete: false,
      message: `Not put back: application (the plan leaves it stopped after a failure). Once that is put right: npx holdfast restore resume ${run}`,
    });
    expect(await counts('api')).toEqual([0]);
    expect(await world.resume(run)).toMatchObject({ complete: true });
    expect(await counts('api')).toEqual([2]);
  });
});
