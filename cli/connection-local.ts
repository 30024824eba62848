import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { Side } from '../core/names.ts';
import type { ProtectionPlan } from '../core/plan/schema.ts';
import type { Executions } from '../core/ports/executions.ts';
import { executionRecords, type ExecutionRecords } from '../local/run/execution-records.ts';
import { placeIn, rootSettings } from '../local/run/place.ts';
import { openSession } from '../local/session.ts';
import type { LocalSession } from '../local/session.ts';
import { trustAuthority } from '../local/trust.ts';
import type { Connection } from './connection.ts';
import type { Frame } from './frame.ts';
import { CHECKOUT, isStillRunning, LOCAL_DIRECTORY } from './local-system.ts';
import type { LocalSystem } from './local-system.ts';
import { localMachines } from './machines/local.ts';
import type { Machines } from './machines.ts';
import { localCalls } from './signed-calls/local.ts';

export { LOCAL_DIRECTORY };

/** The system on this machine. The servers are another process's; what the machines start is this one's, and ends with it. */
export function connectLocally(plan: ProtectionPlan, local: LocalSystem, frame: Frame): Connection {
  const { place } = local;
  trustAuthority(readFileSync(place.caPath, 'utf8'));
  const sessions = new Map<Side, Promise<LocalSession>>();
  const hearers: Record<Side, ((line: string) => void)[]> = { vault: [], replica: [] };
  const placeOf = (side: Side) => (side === 'vault' ? place : { ...placeIn(place, plan.replica.account), region: plan.replica.region });
  const sessionOf = (side: Side) => {
    const known = sessions.get(side);
    if (known) return known;
    const session = openSession({
      place: placeOf(side),
      directory: directoryOf(side),
      appDir: CHECKOUT,
      programs: local.programs,
      databaseCaPath: local.databaseCaPath,
      executionsTls: local.executionsTls,
      environment: frame.environment,
      onLine: (_source, line) => hearers[side].forEach((hear) => hear(line)),
    });
    sessions.set(side, session);
    return session;
  };
  const machinesOf = (side: Side) => {
    let machines: Promise<Machines> | undefined;
    // Only what starts a machine needs a session: reading needs the emulator alone.
    const opened = () =>
      (machines ??= sessionOf(side).then((running) =>
        localMachines(plan.system, side, running, {
          listen: (hear) => void hearers[side].push(hear),
          isThere: () => isStillRunning(local),
        }),
      ));
    return lazily(opened);
  };
  return {
    where: `this machine (${place.endpointUrl})`,
    account: place.accountId,
    settings: (region) => rootSettings(region === plan.replica.region ? placeIn(place, plan.replica.account) : place, region),
    machines: machinesOf('vault'),
    recovery: { where: `this machine, as ${plan.replica.region} (${place.endpointUrl})`, machines: machinesOf('replica') },
    executions: (side) => recordedExecutions(executionRecords(join(directoryOf(side), 'executions'))),
    call: localCalls(plan, (side) => ({ place: placeOf(side), session: () => sessionOf(side) }), userInfo().username),
    async close() {
      for (const session of sessions.values()) await (await session).close();
    },
  };
}

const directoryOf = (side: Side) => (side === 'vault' ? LOCAL_DIRECTORY : join(LOCAL_DIRECTORY, 'recovery'));

/** As the processes that ran them have written down, or were ended before they could. */
const recordedExecutions = (records: ExecutionRecords): Executions => ({
  stateOf(execution) {
    const status = records.read(execution)?.status;
    const state = status === undefined ? 'unknown' : status === 'RUNNING' ? 'running' : status === 'SUCCEEDED' ? 'succeeded' : 'failed';
    return Promise.resolve(state);
  },
});

const lazily = (opened: () => Promise<Machines>): Machines => ({
  outlivesUs: false,
  start: async (stage, input, name) => (await opened()).start(stage, input, name),
  watch: async (execution, options) => (await opened()).watch(execution, options),
  stop: async (execution, why) => (await opened()).stop(execution, why),
});
