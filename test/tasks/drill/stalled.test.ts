/** A drill whose ephemeral server stands still: it ends, and could not run, which is no word against the point. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectToThrowaway } from '../../../adapters/postgres/throwaway.ts';
import { judgeDrill } from '../../../core/drill/judge.ts';
import { RESTORED_DATABASE } from '../../../tasks/drill/restore-point.ts';
import { runDrill } from '../../../tasks/drill/run-drill.ts';
import { describeEnd } from '../../../tasks/run-task.ts';
import { freshDatabase, type FreshDatabase } from '../../helpers/servers.ts';
import { makePoint, orderOf, portsOf, startContainer, type Container, type MadePoint } from './fixture.ts';

const STALL_SECONDS = 3;
let source: FreshDatabase;
let made: MadePoint;
beforeAll(async () => {
  source = await freshDatabase('stalled');
  await (await source.connect()).query('CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t SELECT generate_series(1, 1000)');
  made = await makePoint(source, { dump: { format: 'custom' } });
});
afterAll(() => source.drop());

/** @param on what happens at the words of a report */
async function stalledDrill(on: (container: Container, event: string) => void) {
  const container = startContainer();
  try {
    const ports = portsOf(made, { report: (event) => on(container, event), stallSeconds: STALL_SECONDS });
    const end = await runDrill(orderOf(made, container), ports, new AbortController().signal).then(() => undefined, describeEnd);
    await container.ended;
    return { end, leftovers: container.leftovers() };
  } finally {
    await container.remove();
  }
}

const outcome = (failure: string) =>
  judgeDrill({
    result: undefined,
    failure: { failure: failure as never, detail: '' },
    reason: undefined,
    objectives: { rpoSeconds: 86_400, rtoSeconds: 3600 },
  }).outcome;

it.concurrent('a server that stops answering', async () => {
  const signal = (container: Container, name: NodeJS.Signals) => process.kill(-(container.child.pid ?? 0), name);
  const { end, leftovers } = await stalledDrill((container, event) => {
    if (event === 'Phase restore starts') signal(container, 'SIGSTOP');
    if (event === 'Phase remove starts') signal(container, 'SIGCONT');
  });
  expect(end).toMatchObject({
    failure: 'Stalled',
    message: expect.stringMatching(/The drill of db: the server has not answered for \d+ s/) as string,
  });
  expect(outcome('Stalled')).toBe('could-not-run');
  expect(leftovers).toEqual([]);
});

/** What a key is written to, from when there is a database until the server is gone. */
async function holdConstraints({ sharedDir }: Container): Promise<void> {
  const applicationName = 'of the dump';
  const looking = await connectToThrowaway(sharedDir, 'postgres', { applicationName });
  const databases = () => looking.query('SELECT FROM pg_catalog.pg_database WHERE datname = $1', [RESTORED_DATABASE]);
  while ((await databases()).length === 0) await sleep(10);
  await looking.end();
  const holding = await connectToThrowaway(sharedDir, RESTORED_DATABASE, { applicationName });
  await holding.query('BEGIN');
  await holding.query('LOCK TABLE pg_catalog.pg_constraint IN SHARE MODE');
}

it.concurrent('a lock of what the dump itself has started', async () => {
  const { end, leftovers } = await stalledDrill((container, event) => {
    if (event === 'Phase restore starts') void holdConstraints(container);
  });
  expect(end).toMatchObject({
    failure: 'Stalled',
    message: expect.stringMatching(/for a lock that other sessions hold \(process \d+\)/) as string,
  });
  expect(leftovers).toEqual([]);
});
