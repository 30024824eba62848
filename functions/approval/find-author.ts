import { Logger } from '@aws-lambda-powertools/logger';
import { callerOf, type Caller } from '../../core/approval/caller.ts';
import type { FindStarter } from '../../core/ports/find-starter.ts';

/** Whom the account's trail names. A trail that cannot be asked says as little as one that is late: one more has to approve. */
export async function findAuthor(
  findStarter: FindStarter,
  execution: string,
  startedAt: Date,
): Promise<{ author: Caller; eventId: string } | undefined> {
  const found = await findStarter(execution, startedAt).catch((error: unknown) => {
    new Logger({ serviceName: 'holdfast' }).warn('the trail could not be asked who started the execution', {
      error: error instanceof Error ? error.name : typeof error,
    });
    return undefined;
  });
  const known = found && callerOf(found.arn, found.callerId);
  return found && known && 'caller' in known ? { author: known.caller, eventId: found.eventId } : undefined;
}
