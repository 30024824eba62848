import { readFileSync } from 'node:fs';
import type { ProtectionPlan } from '../core/plan/schema.ts';
import { rootSettings } from '../local/run/place.ts';
import { openSession } from '../local/session.ts';
import type { LocalSession } from '../local/session.ts';
import { trustAuthority } from '../local/trust.ts';
import type { Connection } from './connection.ts';
import type { Frame } from './frame.ts';
import { CHECKOUT, LOCAL_DIRECTORY } from './local-system.ts';
import type { LocalSystem } from './local-system.ts';
import { localMachines } from './machines/local.ts';
import type { Machines } from './machines.ts';

export { LOCAL_DIRECTORY };

/** The system on this machine. The servers are another process's; what the machines start is this one's, and ends with it. */
export function connectLocally(plan: ProtectionPlan, local: LocalSystem, frame: Frame): Connection {
  const { place } = local;
  trustAuthority(readFileSync(place.caPath, 'utf8'));
  const hearers: ((line: string) => void)[] = [];
  let session: Promise<LocalSession> | undefined;
  const open = () =>
    (session ??= openSession({
      place,
      directory: LOCAL_DIRECTORY,
      appDir: CHECKOUT,
      programs: local.programs,
      databaseCaPath: local.databaseCaPath,
      executionsTls: local.executionsTls,
      environment: frame.environment,
      onLine: (_source, line) => hearers.forEach((hear) => hear(line)),
    }));
  let machines: Promise<Machines> | undefined;
  // Only what starts a machine needs a session: reading needs the emulator alone.
  const opened = () =>
    (machines ??= open().then((running) => localMachines(plan.system, running, { listen: (hear) => void hearers.push(hear) })));
  return {
    where: `this machine (${place.endpointUrl})`,
    account: place.accountId,
    settings: (region) => rootSettings(place, region),
    machines: {
      outlivesUs: false,
      start: async (stage, input) => (await opened()).start(stage, input),
      watch: async (execution, options) => (await opened()).watch(execution, options),
      stop: async (execution, why) => (await opened()).stop(execution, why),
    },
    async close() {
      await (await session)?.close();
    },
  };
}
