/** Errors of AWS clients, in words that a person at a terminal can act on. */
import { AwsLoginMissing, AwsUnreachable, SystemNotDeployed } from '../errors.ts';

const NOT_THERE = new Set([
  'StateMachineDoesNotExist',
  'ExecutionDoesNotExist',
  'NoSuchBucket',
  'ResourceNotFoundException',
  'NotFoundException',
]);
const NO_LOGIN = new Set([
  'CredentialsProviderError',
  'AccessDeniedException',
  'AccessDenied',
  'UnrecognizedClientException',
  'InvalidClientTokenId',
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'ExpiredToken',
  'ExpiredTokenException',
  'TokenRefreshRequired',
]);
const NO_ANSWER =
  /^(ECONN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|EPIPE|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)|^(TimeoutError|NetworkingError|ServiceUnavailable|InternalServerError|ThrottlingException)$/;

/** Runs a call; an error that AWS or the way to it is the cause of is thrown in our words, every other as it is. */
export async function translated<T>(tried: string, where: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw translate(error, tried, where);
  }
}

function translate(error: unknown, tried: string, where: string): unknown {
  if (!(error instanceof Error)) return error;
  // The adapters' own errors have the service's as their cause.
  const chain = [error, ...(error.cause instanceof Error ? [error.cause] : [])];
  const names = chain.flatMap((one) => [one.name, ...('code' in one && typeof one.code === 'string' ? [one.code] : [])]);
  const last = chain.at(-1) ?? error;
  if (names.some((name) => NOT_THERE.has(name))) return new SystemNotDeployed(tried.replace(/^\w+ (at )?/, ''), where, { cause: error });
  if (names.some((name) => NO_LOGIN.has(name))) return new AwsLoginMissing(tried, `${last.name}: ${last.message}`, { cause: error });
  if (names.some((name) => NO_ANSWER.test(name))) return new AwsUnreachable(tried, names.join(', '), { cause: error });
  return error;
}
