/** Requests that the emulator is to judge, passed on as they stand. */
import type { IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { buffer } from 'node:stream/consumers';

export type Answer = { status: number; type: string; body: string };
export const JSON_TYPE = 'application/x-amz-json-1.0';

/** With the caller's own headers, `host` among them: the signature is of these. */
export function pass(
  request: Pick<IncomingMessage, 'url' | 'method' | 'headers'>,
  body: Buffer,
  endpointUrl: string,
  ca: Buffer,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const passed = httpsRequest(
      new URL(request.url ?? '/', endpointUrl),
      { method: request.method, headers: request.headers, ca },
      (response) => {
        const { statusCode: status = 502 } = response;
        buffer(response).then(
          (text) => resolve({ status, type: response.headers['content-type'] ?? JSON_TYPE, body: text.toString() }),
          reject,
        );
      },
    );
    passed.once('error', reject);
    passed.end(body);
  });
}

export const failed = (status: number, code: string, message: string): Answer => ({
  status,
  type: JSON_TYPE,
  body: JSON.stringify({ __type: code, message }),
});
