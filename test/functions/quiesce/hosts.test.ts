/** Hosts of Docker Compose: the shipped document runs on them, by an endpoint that answers as Systems Manager does. */
import { afterEach, describe, expect, it } from 'vitest';
import { hostCommands } from '../../../adapters/ssm/host-commands.ts';
import { readPapers } from '../../../adapters/vault/quiesce-papers.ts';
import { makeComposeHost, type ComposeHost } from '../../helpers/compose-host.ts';
import { ASSET, makeQuiesceWorld } from './quiesce-world.ts';
import { makeCommandService } from './services-of-aws.ts';

const [FIRST, SECOND] = ['i-0a1b2c3d4e5f60001', 'i-0a1b2c3d4e5f60002'] as const;
const RUN = '20261121T020000Z-0a1b2c';
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function makeWorld(first: Parameters<typeof makeComposeHost>[0], second: Parameters<typeof makeComposeHost>[0]) {
  const hosts = [makeComposeHost(first), makeComposeHost(second)] as [ComposeHost, ComposeHost];
  const service = await makeCommandService(
    new Map([
      [FIRST, { host: hosts[0], tag: 'tag:role=nmia' }],
      [SECOND, { host: hosts[1], tag: 'tag:role=nmia' }],
    ]),
    'holdfast-test-compose',
  );
  closing.push(service.close, hosts[0].remove, hosts[1].remove);
  const world = await makeQuiesceWorld({ hosts: hostCommands(service.settings) });
  return { ...world, hosts, service };
}
// Each host has a directory of its own here: the step names one for both, which both have under that name.
const step = (directory: string, hosts: object, services = ['api', 'worker']) => ({
  steps: [{ kind: 'ssm-document', name: 'nmia-hosts', timeout: 'PT40S', hosts, compose: { directory, services } }],
});

describe('hosts of Docker Compose', () => {
  it('are stopped, and only what ran on each is started again', async () => {
    const world = await makeWorld({ api: 'running', worker: 'running', postgres: 'running' }, {});
    const [host] = world.hosts;
    await world.stopAll(RUN, step(host.directory, { instances: [FIRST] }));
    expect(host.running()).toEqual(['postgres']);
    expect(await world.resume(RUN)).toMatchObject({ complete: true, message: `Put back: nmia-hosts (api, worker on ${FIRST})` });
    expect(host.running()).toEqual(['api', 'postgres', 'worker']);
  });

  it('are not started where nothing ran, nor is a service that did not', async () => {
    const world = await makeWorld({ api: 'running', worker: 'exited' }, {});
    const [host] = world.hosts;
    await world.stopAll(RUN, step(host.directory, { instances: [FIRST] }));
    await world.resume(RUN);
    expect(host.running()).toEqual(['api']);
    const idle = await makeWorld({ api: 'exited', worker: 'exited' }, {});
    await idle.stopAll(RUN, step(idle.hosts[0].directory, { instances: [FIRST] }));
    expect(await idle.resume(RUN)).toMatchObject({ complete: true, message: 'Put back: nmia-hosts (had not run before)' });
    expect([idle.hosts[0].running(), idle.hosts[0].calls().filter((call) => /stop|start/.test(call))]).toEqual([[], []]);
  });

  it('are found by their tag, and no host is no success', async () => {
    const world = await makeWorld({ api: 'running' }, { api: 'running' });
    const [first] = world.hosts;
    // The second host lacks the directory: what it runs is not known, so nothing is stopped.
    world.hosts[1].mark('down');
    await expect(world.stopAll(RUN, step(first.directory, { tag: { key: 'role', value: 'nmia' } }, ['api']))).rejects.toMatchObject({
      failure: 'QuiesceFailed',
      message: `It is not known what runs: the command on ${SECOND} ended as Failed`,
    });
    expect(first.running()).toEqual(['api']);
    world.hosts[1].unmark('down');
    await world.stopAll(RUN, step(first.directory, { tag: { key: 'role', value: 'nmia' } }, ['api']));
    expect(world.hosts.map((host) => host.running())).toEqual([[], []]);
    await world.resume(RUN);
    expect(world.hosts.map((host) => host.running())).toEqual([['api'], ['api']]);
    await expect(
      world.stopAll(`${RUN.slice(0, -1)}d`, step(first.directory, { tag: { key: 'role', value: 'other' } })),
    ).rejects.toMatchObject({
      message: 'No host has the tag that the step nmia-hosts names, so nothing would be stopped',
    });
  });

  it('that the plan no longer names are started again by the run that takes over', async () => {
    const world = await makeWorld({ api: 'running', worker: 'exited' }, { api: 'exited', worker: 'running' });
    const [first, second] = world.hosts;
    await world.stopAll(RUN, step(first.directory, { instances: [FIRST, SECOND] }));
    const later = `${RUN.slice(0, -1)}d`;
    await world.stopAll(later, step(first.directory, { instances: [FIRST] }));
    expect([first.running(), second.running()]).toEqual([[], []]);
    expect(await world.resume(later)).toMatchObject({
      complete: true,
      message: `Put back: nmia-hosts (api on ${FIRST}); nmia-hosts-left (worker on ${SECOND})`,
    });
    expect([first.running(), second.running()]).toEqual([['api'], ['worker']]);
  });

  it('that do not stop end the quiesce, and what was stopped is put back', async () => {
    const world = await makeWorld({ api: 'running', worker: 'running' }, {});
    const [host] = world.hosts;
    host.mark('stubborn-worker');
    await expect(world.stopAll(RUN, step(host.directory, { instances: [FIRST] }))).rejects.toMatchObject({
      message: `The step nmia-hosts: the command on ${FIRST} ended as Failed`,
    });
    expect(host.running()).toEqual(['worker']);
    expect(await world.resume(RUN, true)).toMatchObject({ complete: true });
    expect(host.running()).toEqual(['api', 'worker']);
  });

  it('that do not start are told of, and started by a second resume', async () => {
    const world = await makeWorld({ api: 'running', worker: 'running' }, {});
    const [host] = world.hosts;
    await world.stopAll(RUN, step(host.directory, { instances: [FIRST] }));
    host.mark('broken-worker');
    expect(await world.resume(RUN)).toMatchObject({
      complete: false,
      message: `Not put back: nmia-hosts (the command on ${FIRST} ended as Failed after 40 s). Once that is put right: npx holdfast restore resume ${RUN}`,
    });
    host.unmark('broken-worker');
    expect(await world.resume(RUN)).toMatchObject({ complete: true });
    expect(host.running()).toEqual(['api', 'worker']);
  });

  it('and documents that are not there are named', async () => {
    const world = await makeWorld({}, {});
    const one = (over: object) => ({ steps: [{ kind: 'ssm-document', name: 'hosts', hosts: { instances: [FIRST] }, ...over }] });
    await expect(world.stopAll(RUN, one({ document: 'my-document' }))).rejects.toMatchObject({
      message: 'There is no document my-document',
    });
    const absent = { hosts: { instances: ['i-0a1b2c3d4e5f69999'] }, compose: { directory: '/opt', services: ['api'] } };
    await expect(world.stopAll(RUN, one(absent))).rejects.toMatchObject({
      message: 'A host is not there, or its agent does not answer: i-0a1b2c3d4e5f69999',
    });
    expect((await readPapers(world.vault, { system: world.system, asset: ASSET, run: RUN })).stopping).toEqual([]);
  });
});
