/** The emulator behind a door that writes down every call of the roles that were assumed through it, and lets each pass as it stands. */
import { readFileSync } from 'node:fs';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { createServer, request as httpsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { LOOPBACK } from '../../local/servers/port.ts';

/** One request of a role, as it was sent. */
export type RecordedRequest = {
  roleArn: string;
  service: string;
  region: string;
  method: string;
  url: URL;
  headers: IncomingHttpHeaders;
  /** Of everything but objects. */
  body: string;
  at: Date;
};

export type RecordingDoor = { url: string; requests: readonly RecordedRequest[]; close(): Promise<void> };
export type RecordingDoorOptions = { endpointUrl: string; caPath: string; certPath: string; keyPath: string };

export async function openRecordingDoor(options: RecordingDoorOptions): Promise<RecordingDoor> {
  const ca = readFileSync(options.caPath);
  const roleOf = new Map<string, string>();
  const requests: RecordedRequest[] = [];

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, accessKeyId = '', region = '', service = ''] =
      /Credential=([^/]+)\/\d+\/([^/]+)\/([^/]+)\/aws4_request/.exec(request.headers.authorization ?? '') ?? [];
    const url = new URL(request.url ?? '/', 'https://localhost');
    const body = isSmall(service, url) ? await buffer(request) : undefined;
    const roleArn = roleOf.get(accessKeyId);
    if (roleArn !== undefined) {
      const { method = '', headers } = request;
      requests.push({ roleArn, service, region, method, url, headers, body: body?.toString() ?? '', at: new Date() });
    }
    const passed = httpsRequest(new URL(request.url ?? '/', options.endpointUrl), {
      method: request.method,
      // With the caller's own headers, `host` among them: the signature is of these.
      headers: request.headers,
      ca,
    });
    passed.on('error', () => response.destroy());
    request.on('error', () => passed.destroy());
    response.on('close', () => passed.destroy());
    passed.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.on('error', () => response.destroy());
      if (service === 'sts') void buffer(answer).then((text) => response.end(learn(body, text)));
      else answer.pipe(response);
    });
    if (body === undefined) request.pipe(passed);
    else passed.end(body);
  }

  function learn(asked: Buffer | undefined, answer: Buffer): Buffer {
    const role = new URLSearchParams(asked?.toString()).get('RoleArn');
    const [, key] = /<AccessKeyId>([^<]+)</.exec(answer.toString()) ?? [];
    if (role !== null && key !== undefined) roleOf.set(key, role);
    return answer;
  }

  const server = createServer({ cert: readFileSync(options.certPath), key: readFileSync(options.keyPath) }, (request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, LOOPBACK, resolve);
  });
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Objects stream by; what a policy may look into is small. */
const isSmall = (service: string, url: URL) =>
  service !== 's3' || ['retention', 'legal-hold', 'delete', 'tagging', 'restore'].some((name) => url.searchParams.has(name));
