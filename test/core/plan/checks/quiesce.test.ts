import { describe, expect, it } from 'vitest';
import { checkQuiesce } from '../../../../core/plan/checks/quiesce.ts';
import { Quiesce } from '../../../../core/plan/schema-quiesce.ts';
import { judged, type Change } from '../plan-fixture.ts';

const FUNCTION = 'arn:aws:lambda:eu-central-1:111111111111:function:shop-worker';
const application = { kind: 'ecs-services', name: 'application', cluster: 'shop', services: ['api', 'worker'] };
const nightly = { kind: 'lambda', name: 'nightly', function: FUNCTION };
const hosts = {
  kind: 'ssm-document',
  name: 'hosts',
  hosts: { tag: { key: 'role', value: 'shop' } },
  compose: { directory: '/opt/shop', services: ['api'] },
};

const having = (...steps: object[]): Change => ordered(undefined, ...steps);
const ordered =
  (resumeOrder: string[] | undefined, ...steps: object[]): Change =>
  (_plan, database) => {
    if (database.restore) database.restore.quiesce = Quiesce.parse({ steps, resumeOrder });
  };

describe('what is stopped for a restore', () => {
  it('may be of every kind, in any order of coming back', () => {
    const manual = { kind: 'manual', name: 'partner', what: 'Tell the partner to stop its feed', putBack: 'Tell the partner to go on' };
    expect(judged(checkQuiesce, having(application, nightly, hosts, { ...manual, timeout: 'PT30M' }))).toEqual([]);
    expect(judged(checkQuiesce, ordered(['hosts', 'application'], application, hosts))).toEqual([]);
    expect(judged(checkQuiesce)).toEqual([]);
  });

  it('has steps that messages can tell apart', () => {
    expect(judged(checkQuiesce, having(application, { ...nightly, name: 'application' }))).toEqual([
      `error assets[orders].restore.quiesce.steps[1].name = 'application': Another step has the same name → Give each step a name of its own`,
    ]);
  });

  it('names a function of the region in which a database is replaced', () => {
    const elsewhere = { ...nightly, function: FUNCTION.replace('eu-central-1', 'eu-west-1') };
    expect(judged(checkQuiesce, having(elsewhere))).toEqual([
      `error assets[orders].restore.quiesce.steps[0].function = '${elsewhere.function}': The function is in eu-west-1, and restores that replace a database run in eu-central-1 → Name a function of the home region`,
    ]);
  });

  it('stops a service once: the second step would remember that it did not run', () => {
    expect(judged(checkQuiesce, having(application, { ...application, name: 'again', services: ['worker'] }))).toEqual([
      `error assets[orders].restore.quiesce.steps[1].services[0] = 'worker': The service shop/worker is stopped twice → Name it in one step`,
    ]);
  });

  it('comes back in an order that names each step once', () => {
    for (const order of [['application'], ['application', 'application'], ['application', 'other']])
      expect(judged(checkQuiesce, ordered(order, application, nightly))).toEqual([
        `error assets[orders].restore.quiesce.resumeOrder = ${order.join(', ')}: The order of putting back does not name every step once → Name each once: application, nightly`,
      ]);
  });

  it('warns of time-outs that are longer than the RTO', () => {
    expect(judged(checkQuiesce, having({ ...application, timeout: 'PT3H' }))).toEqual([
      expect.stringContaining('Stopping may take 3 h by the steps’ time-outs, the RTO is 2 h'),
    ]);
  });
});

describe('a step', () => {
  const problems = (step: object) => (Quiesce.safeParse({ steps: [step] }).error?.issues ?? []).map((issue) => issue.message);

  it('on hosts names them in one way, and one document', () => {
    expect(problems({ ...hosts, hosts: {} })).toEqual(['names `instances` or a `tag`, one of the two']);
    expect(problems({ ...hosts, document: 'my-document' })).toEqual(['has `compose` or a `document`, one of the two']);
    expect(problems({ ...hosts, compose: undefined })).toEqual(['has `compose` or a `document`, one of the two']);
    expect(problems({ ...hosts, compose: undefined, document: 'my-document', hosts: { instances: ['i-0a1b2c3d4e5f67890'] } })).toEqual([]);
  });

  it('holds nothing that a shell would read as more than a name', () => {
    for (const directory of ['/opt/$(id)', 'opt/nmia', '/opt/nm ia', "/opt/'x"])
      expect(problems({ ...hosts, compose: { directory, services: ['api'] } }), directory).toHaveLength(1);
    for (const service of ['api;id', '-api', '$(id)', ''])
      expect(problems({ ...hosts, compose: { directory: '/opt', services: [service] } }), service).toHaveLength(1);
  });
});
