/**
 * An HTTP proxy in front of the emulator that lets chosen requests fail the way a real service or network does. Requests that no
 * fault is set for pass through as they are, signature included.
 */
import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';

export type Fault =
  /** The service answers an error of its own and keeps nothing. */
  | { kind: 'answer'; status: number; code: string }
  /** The connection breaks after this many bytes of the request's body have come in. */
  | { kind: 'cut-request'; afterBytes: number }
  /** The connection breaks after this many bytes of the answer's body have gone out. */
  | { kind: 'cut-answer'; afterBytes: number }
  /** The service does what it was asked, and the connection breaks before the answer. */
  | { kind: 'lose-answer' };

export type FaultRule = {
  matches: (request: { method: string; path: string; query: URLSearchParams; headers: IncomingHttpHeaders }) => boolean;
  fault: Fault;
  times: number;
};

export type FaultProxy = {
  endpointUrl: string;
  /** The first rule that matches and still has times left is applied. */
  rules: FaultRule[];
  /** How often any fault was applied. */
  applied: () => number;
  close: () => Promise<void>;
};

export async function faultProxy(target: { endpointUrl: string }): Promise<FaultProxy> {
  const rules: FaultRule[] = [];
  let applied = 0;
  const server: Server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', target.endpointUrl);
    const asked = { method: request.method ?? 'GET', path: url.pathname, query: url.searchParams, headers: request.headers };
    const rule = rules.find((each) => each.times > 0 && each.matches(asked));
    if (rule !== undefined) {
      rule.times -= 1;
      applied += 1;
    }
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    if (rule?.fault.kind === 'answer') answer(request, response, rule.fault);
    else if (rule?.fault.kind === 'cut-request') cutRequest(request, rule.fault.afterBytes);
    else if (rule?.fault.kind === 'lose-answer') forward(url, request, response, -1);
    else forward(url, request, response, rule?.fault.afterBytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpointUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    rules,
    applied: () => applied,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answer(request: IncomingMessage, response: ServerResponse, { status, code }: { status: number; code: string }): void {
  request.resume();
  request.on('end', () => {
    // KMS and Secrets Manager speak JSON, and say who is refused by 400.
    if (request.headers['x-amz-target'] !== undefined) {
      response.writeHead(status === 403 ? 400 : status, { 'content-type': 'application/x-amz-json-1.1', 'x-amz-request-id': 'fault' });
      const name = code.endsWith('Failure') ? code : `${code}Exception`;
      response.end(JSON.stringify({ __type: name, message: 'Made to happen by a test' }));
      return;
    }
    response.writeHead(status, { 'content-type': 'application/xml', 'x-amz-request-id': 'fault' });
    response.end(`<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>Made to happen by a test</Message></Error>`);
  });
}

function cutRequest(request: IncomingMessage, afterBytes: number): void {
  let seen = 0;
  request.on('data', (chunk: Buffer) => {
    seen += chunk.length;
    if (seen >= afterBytes) request.socket.destroy();
  });
  request.on('end', () => request.socket.destroy());
}

function forward(url: URL, request: IncomingMessage, response: ServerResponse, cutAfterBytes = Number.POSITIVE_INFINITY): void {
  const upstream = httpsRequest(url, { method: request.method, headers: request.headers }, (incoming) => {
    if (cutAfterBytes < 0) {
      incoming.resume().on('end', () => request.socket.destroy());
      return;
    }
    response.writeHead(incoming.statusCode ?? 502, incoming.headers);
    let sent = 0;
    incoming.on('data', (chunk: Buffer) => {
      const room = cutAfterBytes - sent;
      sent += chunk.length;
      response.write(chunk.length > room ? chunk.subarray(0, room) : chunk);
      if (chunk.length > room) {
        incoming.destroy();
        // What was written is on its way first: the reader sees a part of the body, then the end of the connection.
        setTimeout(() => request.socket.destroy(), 20);
      }
    });
    incoming.on('end', () => {
      if (sent <= cutAfterBytes) response.end();
    });
    incoming.on('error', () => response.destroy());
  });
  upstream.on('error', () => response.destroy());
  request.pipe(upstream);
}
