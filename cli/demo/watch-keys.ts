/** The key watches of a demo that stays up: called by this process, where EventBridge Scheduler would. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { functionName } from '../../core/names.ts';
import type { ProtectionPlan } from '../../core/plan/schema.ts';
import { loginsOf } from '../../core/watch/logins.ts';
import { placeIn } from '../../local/run/place.ts';
import { openSession, type LocalSession } from '../../local/session.ts';
import { LOCAL_DIRECTORY } from '../connection-local.ts';
import { CHECKOUT, type LocalSystem } from '../local-system.ts';
import type { Narrator } from './narrator.ts';

const SIDES = ['vault', 'replica'] as const;
/** More often than on AWS: who tries what happens waits for it. */
const EVERY_SECONDS = 60;

/** Looks until `signal` aborts. What a look fails of is said, once, and the next one is made. */
export async function watchKeys(plan: ProtectionPlan, local: LocalSystem, narrator: Narrator, signal: AbortSignal): Promise<void> {
  const sessions = await Promise.all(SIDES.map(async (side) => [side, await open(plan, local, side, narrator)] as const));
  const told = new Set<string>();
  try {
    while (!signal.aborted) {
      for (const [side, session] of sessions) {
        const look = { look: true, logins: loginsOf(plan, side) };
        await session.callFunction(functionName(plan.system, 'watch/watch-keys', side), look).catch((error: unknown) => {
          const text = `The look at the KMS keys beside the ${side} failed: ${error instanceof Error ? error.message : String(error)}`;
          if (!signal.aborted && !told.has(text)) narrator.note(text);
          told.add(text);
        });
      }
      await sleep(EVERY_SECONDS * 1000, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    for (const [, session] of sessions) await session.close();
  }
}

const open = (
  plan: ProtectionPlan,
  { place, ...local }: LocalSystem,
  side: (typeof SIDES)[number],
  { frame }: Narrator,
): Promise<LocalSession> =>
  openSession({
    place: side === 'vault' ? place : { ...placeIn(place, plan.replica.account), region: plan.replica.region },
    directory: join(LOCAL_DIRECTORY, `key-watch-${side}`),
    appDir: CHECKOUT,
    programs: local.programs,
    databaseCaPath: local.databaseCaPath,
    executionsTls: local.executionsTls,
    environment: frame.environment,
  });
