/** Hosts, by a document that stops, starts and says what runs. */
import type { Progress, Remembered } from '../../core/quiesce/contract.ts';
import { StepUnusable } from '../../core/quiesce/errors.ts';
import { isPending, remembered as ofKind, type Pending, type StepWork } from '../../core/quiesce/step-work.ts';
import { idOf, still, tellHosts, type HostPorts, type HostStep, type ToldHosts } from './tell-hosts.ts';

/** What one command of Systems Manager takes. */
const MOST_HOSTS = 50;

type Host = { id: string; running: string[] };

export function commandHosts(step: HostStep, ports: HostPorts): StepWork {
  const hosts = tellHosts(step, ports);
  return {
    look: (progress) => look(step, hosts, progress),
    async stop(found) {
      const running = ranOn(found);
      return running.length === 0 ? {} : { told: await hosts.stop(idsOf(running)) };
    },
    check: (found, progress) => check(step, hosts, idsOf(hostsOf(found)), progress),
    putBack: (found, progress) => putBack(hosts, ranOn(found), progress),
  };
}

const hostsOf = (found: Remembered): Host[] => ofKind(found, 'ssm-document').hosts;
const ranOn = (found: Remembered) => hostsOf(found).filter(({ running }) => running.length > 0);
const idsOf = (hosts: readonly Host[]) => hosts.map(({ id }) => id);

async function look({ name }: HostStep, hosts: ToldHosts, progress: Progress): Promise<Remembered | Pending> {
  const found = await hosts.whatRuns(hosts.all, progress);
  if (isPending(found)) return found;
  if (found.length === 0) throw new StepUnusable(`No host has the tag that the step ${name} names, so nothing would be stopped`);
  if (found.length > MOST_HOSTS) throw new StepUnusable(`The step ${name} finds ${found.length} hosts, and a command takes ${MOST_HOSTS}`);
  return { kind: 'ssm-document', hosts: found };
}

async function check({ name }: HostStep, hosts: ToldHosts, ids: string[], progress: Progress): Promise<'stopped' | Pending> {
  const told = idOf(progress, 'told');
  if (told !== undefined) {
    const end = await hosts.endOf(told);
    if (end === undefined) return still(progress);
    if (end.failed !== undefined) throw new StepUnusable(`The step ${name}: ${end.failed}`);
  }
  // What was told has ended by now, and is not looked for again.
  const now = await hosts.whatRuns({ instances: ids }, told === undefined ? progress : {});
  if (isPending(now)) return now;
  const running = now.filter((host) => host.running.length > 0);
  if (running.length === 0 && now.length === ids.length) return 'stopped';
  return { pending: {}, why: running.map(({ id, running: what }) => `${id} runs ${what.join(', ')}`).join('; ') };
}

/** @param ran the hosts on which something ran before */
async function putBack(hosts: ToldHosts, ran: readonly Host[], progress: Progress): Promise<{ how: string } | Pending> {
  if (ran.length === 0) return { how: 'had not run before' };
  const commands = progress['commands'];
  if (!Array.isArray(commands)) return still({ ...progress, commands: await startAll(hosts, ran) });
  for (const command of commands) {
    const end = await hosts.endOf(String(command));
    if (end === undefined) return still(progress);
    // Told again: what one try has started the next one finds running.
    if (end.failed !== undefined) return still({ failed: end.failed });
  }
  const now = await hosts.whatRuns({ instances: idsOf(ran) }, progress);
  if (isPending(now)) return now;
  if (now.length === 0) return still(progress);
  const missing = findMissing(ran, now);
  if (missing.length > 0) return { pending: { commands }, why: `does not run: ${missing.join(', ')}` };
  return { how: ran.map(({ id, running }) => `${running.join(', ')} on ${id}`).join('; ') };
}

/** Hosts on which the same services ran are told by one command. */
async function startAll(hosts: ToldHosts, ran: readonly Host[]): Promise<string[]> {
  const sent: string[] = [];
  for (const [services, same] of Map.groupBy(ran, ({ running }) => running.join(' ')))
    sent.push(await hosts.start(idsOf(same), services.split(' ')));
  return sent;
}

function findMissing(ran: readonly Host[], now: readonly Host[]): string[] {
  const runs = new Map(now.map(({ id, running }) => [id, running]));
  return ran.flatMap(({ id, running }) => running.filter((one) => !runs.get(id)?.includes(one)).map((one) => `${one} on ${id}`));
}
