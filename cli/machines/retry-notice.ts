/** What the report of a failed try says of it, from the result of that step: only the last try's is told by the machine itself. */
import { ReportFailureAnswer } from '../../core/backup/contract.ts';
import { secondsText } from '../../core/quantities.ts';
import { z } from 'zod';

const Reported = z.object({ Payload: ReportFailureAnswer });

/** Undefined for the result of any other step, and for a failure that no other try follows. */
export function retryNotice(result: unknown): string | undefined {
  const reported = Reported.safeParse(result);
  if (!reported.success || !reported.data.Payload.retry) return undefined;
  const { failure, message, waitSeconds } = reported.data.Payload;
  return `${message.includes(failure) ? '' : `${failure}: `}${message}. The next try begins in ${secondsText(waitSeconds)}`;
}
