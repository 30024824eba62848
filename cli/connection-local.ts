import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Side } from '../core/names.ts';
import type { ProtectionPlan } from '../core/plan/schema.ts';
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

export { LOCAL_DIRECTORY };

/** The system on this machine. The servers are another process's; what the machines start is this one's, and ends with it. */
export function connectLocally(plan: ProtectionPlan, local: LocalSystem, frame: Frame): Connection {
  const { place } = local;
  trustAuthority(readFileSync(place.caPath, 'utf8'));
  const sessions: Promise<LocalSession>[] = [];
  const machinesOf = (side: Side) => {
    const hearers: ((line: string) => void)[] = [];
    const open = () => {
      const session = openSession({
        place: side === 'vault' ? place : { ...placeIn(place, plan.replica.account), region: plan.replica.region },
        directory: side === 'vault' ? LOCAL_DIRECTORY : join(LOCAL_DIRECTORY, 'recovery'),
        appDir: CHECKOUT,
        programs: local.programs,
        databaseCaPath: local.databaseCaPath,
        executionsTls: local.executionsTls,
        environment: frame.environment,
        onLine: (_source, line) => hearers.forEach((hear) => hear(line)),
      });
      sessions.push(session);
      return session;
    };
    let machines: Promise<Machines> | undefined;
    // Only what starts a machine needs a session: reading needs the emulator alone.
    const opened = () =>
      (machines ??= open().then((running) =>
        localMachines(plan.system, side, running, { listen: (hear) => void hearers.push(hear), isThere: () => isStillRunning(local) }),
      ));
    return lazily(opened);
  };
  return {
    where: `this machine (${place.endpointUrl})`,
    account: place.accountId,
    settings: (region) => rootSettings(region === plan.replica.region ? placeIn(place, plan.replica.account) : place, region),
    machines: machinesOf('vault'),
    recovery: { where: `this machine, as ${plan.replica.region} (${place.endpointUrl})`, machines: machinesOf('replica') },
    async close() {
      for (const session of sessions) await (await session).close();
    },
  };
}

const lazily = (opened: () => Promise<Machines>): Machines => ({
  outlivesUs: false,
  start: async (stage, input) => (await opened()).start(stage, input),
  watch: async (execution, options) => (await opened()).watch(execution, options),
  stop: async (execution, why) => (await opened()).stop(execution, why),
});
