import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { HoldfastError } from '../../core/failure/error.ts';
import { isFailureName } from '../../core/failure/exit.ts';
import { AccessRefused, StoreUnavailable } from '../../core/ports/object-errors.ts';
import { handle } from '../../functions/edge.ts';

const SECRET = 'Sup3rS3cretPassw0rd';
let logged: string;

beforeEach(() => {
  logged = '';
  vi.stubEnv('SYSTEM', 'ida');
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((chunk) => {
      logged += String(chunk);
      return true;
    });
  for (const method of ['log', 'error', 'warn', 'info'] as const)
    vi.spyOn(console, method).mockImplementation((...parts: unknown[]) => {
      logged += parts.join(' ');
    });
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

const handlerOf = (run: (request: { n: number }) => Promise<unknown>, environment: z.ZodType = z.object({ SYSTEM: z.string() })) =>
  handle({ environment, request: z.object({ n: z.int() }), connect: () => ({}), run });
const failing = (error: unknown) =>
  handlerOf(async () => {
    throw error;
  })({ n: 1 });
const told = async (answer: Promise<unknown>): Promise<Error> =>
  answer.then(
    () => expect.fail('it did not fail'),
    (error: Error) => error,
  );

const throwText = () => {
  throw SECRET as unknown as Error;
};

class OutOfTea extends HoldfastError {
  readonly failure = 'SourceNotReady';
}
const serviceError = (name: string, status: number | undefined) =>
  Object.assign(new Error(`text of ${name}: ${SECRET}`), { name, $metadata: { httpStatusCode: status }, $fault: 'client' });

describe('the edge of a function', () => {
  it('answers what the function answers', async () => {
    expect(await handlerOf(async ({ n }) => n + 1)({ n: 1 })).toBe(2);
  });

  it('connects once', async () => {
    const connect = vi.fn(() => ({}));
    const handler = handle({ environment: z.object({}), request: z.object({}), connect, run: async () => 1 });
    await handler({});
    await handler({});
    expect(connect).toHaveBeenCalledTimes(1);
  });

  it.each([
    ['our own error', new OutOfTea('no tea', 'Buy tea'), 'SourceNotReady', 'no tea. Buy tea'],
    ['a refusal of the store', new AccessRefused('read s3://a/b', 'AccessDenied'), 'VaultRefused', 'read s3://a/b was refused'],
    ['a store that does not answer', new StoreUnavailable('read s3://a/b', 'timeout'), 'VaultUnavailable', 'timeout'],
    ['a service that refuses', serviceError('AccessDeniedException', 400), 'VaultRefused', 'AccessDeniedException'],
    ['a service that is ill', serviceError('KMSInternalException', 500), 'VaultUnavailable', 'KMSInternalException (500)'],
    ['a service that throttles', serviceError('ThrottlingException', 400), 'VaultUnavailable', 'ThrottlingException'],
    ['a service that never answered', serviceError('TimeoutError', undefined), 'VaultUnavailable', 'TimeoutError'],
    ['a service that was asked nonsense', serviceError('ValidationException', 400), 'Unexpected', 'ValidationException'],
  ])('names %s after its class of failure', async (_, error, name, message) => {
    const answer = await told(failing(error));
    expect(answer.name).toBe(name);
    expect(isFailureName(answer.name)).toBe(true);
    expect(answer.message).toContain(message);
  });

  it.each([
    ['an error that quotes', () => JSON.parse(SECRET) as unknown],
    [
      'an error of an unknown kind',
      () => {
        throw new TypeError(`cannot read ${SECRET}`);
      },
    ],
    [
      'a service’s text',
      () => {
        throw serviceError('ValidationException', 400);
      },
    ],
    ['something that is no error', throwText],
    [
      'a cause',
      () => {
        throw new OutOfTea('no tea', 'Buy tea', { cause: new Error(SECRET) });
      },
    ],
  ])('tells and logs nothing of the text of %s', async (_, act) => {
    const answer = await told(handlerOf(async () => act())({ n: 1 }));
    expect(`${answer.name} ${answer.message} ${answer.stack}`).not.toContain(SECRET);
    expect(logged).not.toContain(SECRET);
    // What is no error has no place.
    if (act !== throwText) expect(logged).toContain('edge.test');
  });

  it('says of a bad request what is wrong', async () => {
    const answer = await told(handlerOf(async () => 1)({ n: 'x' }));
    expect([answer.name, answer.message]).toEqual(['BadInput', expect.stringContaining('n: Invalid input: expected number')]);
  });

  it('says of a bad environment what is missing, and never its values', async () => {
    vi.stubEnv('COUNT', SECRET);
    const answer = await told(handlerOf(async () => 1, z.object({ MISSING: z.string(), COUNT: z.literal('1') }))({ n: 1 }));
    expect([answer.name, answer.message]).toEqual(['BadConfiguration', expect.stringContaining('MISSING')]);
    expect(answer.message).not.toContain(SECRET);
  });
});
