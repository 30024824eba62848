/** The function that probes: asked again while services come back, written down once, and silent about what it sent. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBucket } from '../../../adapters/s3/bucket.ts';
import { Validation } from '../../../core/plan/schema-validation.ts';
import { ProbedPaper, ProbeRequest } from '../../../core/validation/contract.ts';
import { restorePaperKey } from '../../../core/vault/keys.ts';
import { probe, type ProbePorts } from '../../../functions/validation/probe.ts';
import { makeApplication, PASSWORD } from '../../adapters/http/application.ts';
import { freshBucket, rootSettings } from '../../helpers/servers.ts';

let app: Awaited<ReturnType<typeof makeApplication>>;
let ports: ProbePorts;
let passedSeconds = 0;
beforeAll(async () => {
  app = await makeApplication();
  const { reader, writer } = openBucket(
    await freshBucket({ objectLock: true, region: 'eu-central-1', name: 'probe' }),
    rootSettings('eu-central-1'),
    {},
  );
  ports = {
    system: 'shop',
    vault: { ...reader, ...writer },
    now: () => new Date(Date.parse('2026-11-21T02:00:00Z') + passedSeconds * 1000),
    readAccount: (secret) => Promise.resolve(secret === 'shop/probe' ? { username: 'probe', password: PASSWORD } : undefined),
  };
});
afterAll(() => app.close());

async function run(runId: string, onWait: () => void = () => undefined) {
  const page = { name: 'page', url: app.url('/health'), ca: app.ca, within: 'PT1M' };
  const login = { name: 'login', url: app.url('/login'), ca: app.ca, secret: 'shop/probe', within: 'PT30S' };
  const { probes: pages, logins } = Validation.parse({ probes: [page], logins: [login] });
  const probes = JSON.stringify({ probes: pages, logins });
  let state = { since: '', results: [] as object[] };
  for (let looks = 1; ; looks++) {
    const request = ProbeRequest.parse({ asset: 'main', run: runId, probes, ...(JSON.parse(JSON.stringify(state)) as object) });
    const answer = await probe(request, ports);
    if (answer.done) return { ...answer, looks };
    state = answer;
    passedSeconds += answer.waitSeconds;
    onWait();
  }
}
const paper = async (runId: string) =>
  ProbedPaper.parse(
    JSON.parse(Buffer.from((await ports.vault.get({ key: restorePaperKey('shop', 'main', runId, 'probed') }))?.body ?? []).toString()),
  );

describe('the function that probes', () => {
  it('writes down what passed', async () => {
    const id = '20261121T020000Z-000001';
    expect(await run(id)).toMatchObject({ passed: true, message: '', looks: 1 });
    expect((await paper(id)).checks.map(({ name, outcome }) => [name, outcome])).toEqual([
      ['page', 'passed'],
      ['login', 'passed'],
    ]);
  });

  it('waits for what comes back, and asks nothing again that has passed', async () => {
    app.state.isUp = false;
    let waits = 0;
    expect(await run('20261121T020000Z-000002', () => void (app.state.isUp = ++waits === 2))).toMatchObject({ passed: true, looks: 3 });
  });

  it('ends as failed when the time of each is over, in words without a secret', async () => {
    app.state.isUp = false;
    const id = '20261121T020000Z-000003';
    const answer = await run(id);
    app.state.isUp = true;
    expect(answer).toMatchObject({ passed: false, message: 'page: status 503, not status 200; login: status 503, not status 200' });
    expect(JSON.stringify([answer, await paper(id)])).not.toContain('planted');
    expect(Date.parse((await paper(id)).finishedAt) - Date.parse((await paper(id)).startedAt)).toBe(60_000);
  });
});
