/**
 * URLs of functions, as Lambda answers them: each call is signed, and the function is told who signed it. That the signature holds and
 * that its signer may call this URL is for the emulator to say, whose own engine would run something else: so the call is an OPTIONS
 * request, which the emulator judges like any other and runs nothing for. Who the signer is says the emulator's STS, of a second
 * request that the same key has signed.
 */
import { readFileSync } from 'node:fs';
import { GetFunctionUrlConfigCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { clientConfig } from '../../adapters/aws/settings.ts';
import type { Fields, Json } from '../interpreter/language.ts';
import type { FunctionHost } from './functions.ts';
import { failed, pass, type Answer } from './pass-on.ts';
import { rootSettings, type LocalPlace } from './place.ts';

/** Behind it the id of the URL: the emulator's own way of writing one. */
export const FUNCTION_URL_PATH = '/_aws/lambda-url/';
/** What a caller on this machine sends besides: which function is meant, and a signed question of who one is. */
export const FUNCTION_HEADER = 'x-holdfast-function';
export const IDENTITY_HEADER = 'x-holdfast-identity';

export const Identity = z.object({ headers: z.record(z.string(), z.string()), body: z.string() });
const UrlAnswer = z.object({ statusCode: z.int(), headers: z.record(z.string(), z.string()), body: z.string() });

export type FunctionUrls = { answer(request: IncomingMessage, body: Buffer): Promise<Answer> };

const FORBIDDEN = failed(403, 'AccessDeniedException', 'Forbidden');

export function functionUrls(place: LocalPlace, functions: Pick<FunctionHost, 'invoke'>, signal: AbortSignal): FunctionUrls {
  const ca = readFileSync(place.caPath);
  const lambda = new LambdaClient(clientConfig(rootSettings(place)));

  /** Undefined when the name is not that of the URL's function. */
  async function functionOf(id: string, name: string): Promise<string | undefined> {
    const { FunctionUrl: url = '', FunctionArn: arn } = await lambda.send(new GetFunctionUrlConfigCommand({ FunctionName: name }));
    return new URL(url).hostname.split('.')[0] === id ? arn : undefined;
  }

  return {
    async answer(request, body) {
      const [id = ''] = (request.url ?? '').slice(FUNCTION_URL_PATH.length).split('/');
      const key = keyOf(request.headers.authorization);
      // What is not signed is not judged at all.
      if (key === undefined || request.method !== 'OPTIONS') return FORBIDDEN;
      const judged = await pass(request, body, place.endpointUrl, ca);
      if (judged.status !== 200) return judged;
      const caller = await identify(request, key);
      const name = await functionOf(id, String(request.headers[FUNCTION_HEADER] ?? ''));
      if (caller === undefined || name === undefined) return FORBIDDEN;
      const event = eventOf(request, body, { id, key, ...caller });
      const call = { signal, heartbeat: () => {}, state: name };
      const answered = (await functions.invoke({ FunctionName: name, Payload: event }, call)) as Fields;
      const { statusCode, headers, body: text } = UrlAnswer.parse(answered['Payload']);
      return { status: statusCode, type: headers['content-type'] ?? 'application/json', body: text };
    },
  };

  async function identify(request: IncomingMessage, key: string) {
    const given = Identity.safeParse(parseBase64(String(request.headers[IDENTITY_HEADER] ?? '')));
    if (!given.success || keyOf(given.data.headers['authorization']) !== key) return undefined;
    const asked = { url: '/', method: 'POST', headers: given.data.headers };
    const { status, body } = await pass(asked, Buffer.from(given.data.body), place.endpointUrl, ca);
    const read = (tag: string) => new RegExp(`<${tag}>([^<]+)</${tag}>`).exec(body)?.[1] ?? '';
    return status === 200 ? { arn: read('Arn'), userId: read('UserId'), account: read('Account') } : undefined;
  }
}

const keyOf = (authorization: string | undefined) => /^AWS4-HMAC-SHA256 Credential=([^/]+)\//.exec(authorization ?? '')?.[1];

function parseBase64(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64').toString());
  } catch {
    return undefined;
  }
}

/** Payload 2.0, as far as anything here reads it. */
function eventOf(
  { headers }: IncomingMessage,
  body: Buffer,
  { id, key, arn, userId, account }: { id: string; key: string; arn: string; userId: string; account: string },
): Json {
  const own = Object.entries(headers).filter(
    ([name]) => name !== IDENTITY_HEADER && name !== 'authorization' && !name.startsWith('x-amz-'),
  );
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: '/',
    rawQueryString: '',
    headers: Object.fromEntries(own.map(([name, value]) => [name, String(value)])),
    requestContext: {
      accountId: account,
      apiId: id,
      authorizer: { iam: { accessKey: key, accountId: account, callerId: userId, userArn: arn, userId } },
      http: { method: 'POST', path: '/', protocol: 'HTTP/1.1' },
      stage: '$default',
    },
    body: body.toString(),
    isBase64Encoded: false,
  };
}
