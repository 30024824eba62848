/** JSON to a receiver of messages, by POST. The address may itself be the secret, so no error quotes it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { HoldfastError } from '../../core/failure/error.ts';

const ANSWER_MILLISECONDS = 10_000;
const LONGEST_WAIT_SECONDS = 10;
/** Before the second try, and before the third, in seconds. */
const WAITS_SECONDS = [1, 4];

export class MessageNotDelivered extends HoldfastError {
  readonly failure = 'MessageNotDelivered';
  constructor(receiver: string, why: string, options?: { cause?: unknown }) {
    super(
      `A message could not be given to ${receiver}: ${why}`,
      'Compare the secret with the address that the receiver gave, and that with what answers there; what was to be said stands in the alarm topic’s other messages',
      options,
    );
  }
}

/** @param receiver as the plan names it */
export type Post = { receiver: string; url: string; token?: string | undefined; body: object; monotonicSleep?: typeof sleep };

/**
 * Tries three times when the receiver is busy, broken or away; a receiver that refuses is not asked again, and a redirect is not
 * followed. A message may therefore arrive twice, and is never said to have arrived when no 2xx answered.
 */
export async function postJson({ receiver, url, token, body, monotonicSleep = sleep }: Post): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    const answer = await send(url, token, body);
    if ('ok' in answer) return;
    const wait = WAITS_SECONDS[attempt];
    if (!answer.isTransient || wait === undefined) throw new MessageNotDelivered(receiver, answer.why, { cause: answer.cause });
    await monotonicSleep(1_000 * Math.min(LONGEST_WAIT_SECONDS, Math.max(wait, answer.retryAfterSeconds)));
  }
}

type Answer = { ok: true } | { why: string; isTransient: boolean; retryAfterSeconds: number; cause?: unknown };

async function send(url: string, token: string | undefined, body: object): Promise<Answer> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
      body: JSON.stringify(body),
      redirect: 'manual',
      signal: AbortSignal.timeout(ANSWER_MILLISECONDS),
    });
    await response.body?.cancel();
    if (response.ok) return { ok: true };
    return {
      why: `it answered ${response.status}`,
      isTransient: response.status === 429 || response.status >= 500,
      retryAfterSeconds: Number(response.headers.get('retry-after')) || 0,
    };
  } catch (cause) {
    return { why: `no answer (${nameOf(cause)})`, isTransient: true, retryAfterSeconds: 0, cause };
  }
}

/** A code such as ECONNREFUSED, or the error's name: its message quotes the address. */
function nameOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  if (typeof cause === 'object' && cause !== null && 'code' in cause && typeof cause.code === 'string') return cause.code;
  return error instanceof Error ? error.name : typeof error;
}
