import { relative } from 'node:path';
import type { ProtectionPlan } from '../../core/plan/schema.ts';
import { keepSheets, type Custody } from './hold-ceremony.ts';
import type { LocalSystem } from '../local-system.ts';
import type { Narrator } from './narrator.ts';
import { watchKeys } from './watch-keys.ts';

/** The system stays up for the command line in another terminal, until ^C; so do the custodians' sheets, for who wants to be them. */
export async function keepRunning(
  plan: ProtectionPlan,
  local: LocalSystem,
  custody: Custody | undefined,
  narrator: Narrator,
  signal: AbortSignal,
): Promise<void> {
  const sheets = custody && keepSheets(custody, `${plan.system}, a demo`, narrator.frame.now());
  try {
    narrator.end('\nThe system stays up until ^C. In another terminal: npx holdfast list --local');
    narrator.end('Its KMS keys are looked at every minute, in both regions; npx holdfast status --local says what is wrong with one');
    if (sheets) narrator.end(beCustodians(relative(narrator.frame.workingDirectory, sheets.directory)));
    if (!signal.aborted) await watchKeys(plan, local, narrator, signal);
  } finally {
    sheets?.destroy();
  }
}

const beCustodians = (directory: string) => `
Be the custodians, as docs/custodians.md says. On paper their sheets would be; here they are pages in ${directory}, until ^C:
  npx holdfast escrow export --local --to medium
  npx holdfast escrow prove-offline --local --medium medium --witness 'Frida Witness'
  npx holdfast escrow combine --to /dev/shm/identity.txt
  age -d -i /dev/shm/identity.txt -o /dev/shm/value medium/FILE.age
  shred -u /dev/shm/identity.txt /dev/shm/value`;
