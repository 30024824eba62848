/**
 * The emulator, behind a door that can be shut for a region: whatever is signed for that region, or names a bucket of it, then finds
 * its connection broken before a byte is answered, as when the region is gone. Everything else passes as it stands.
 */
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, request as httpsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { LOOPBACK } from './port.ts';

/** `copied` is the source of a copy within S3. */
export type Asked = { service: string; region: string; path: string; copied: string };

export type RegionDoor = {
  url: string;
  /** Shuts out a region until the door is closed. */
  shut(region: string): void;
  /** What came to the door and was let through, or not. */
  passed: readonly Asked[];
  refused: readonly Asked[];
  close(): Promise<void>;
};

export type RegionDoorOptions = {
  /** The emulator. */
  endpointUrl: string;
  caPath: string;
  certPath: string;
  keyPath: string;
};

export async function openRegionDoor(options: RegionDoorOptions): Promise<RegionDoor> {
  const ca = readFileSync(options.caPath);
  const shut = new Set<string>();
  const [passed, refused]: [Asked[], Asked[]] = [[], []];
  const server = createServer({ cert: readFileSync(options.certPath), key: readFileSync(options.keyPath) }, (request, response) => {
    const asked = readScope(request);
    const isShut = [...shut].some((region) => asked.region === region || namesBucketOf(region, asked));
    (isShut ? refused : passed).push(asked);
    if (isShut) request.socket.destroy();
    else pass(request, response, options.endpointUrl, ca);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, LOOPBACK, resolve);
  });
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}`,
    shut: (region) => void shut.add(region),
    passed,
    refused,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** `AWS4-HMAC-SHA256 Credential=<key>/<date>/<region>/<service>/aws4_request, …`. A request without a signature is of no region. */
function readScope(request: IncomingMessage): Asked {
  const [, region = '', service = ''] =
    /Credential=[^/]+\/\d+\/([^/]+)\/([^/]+)\/aws4_request/.exec(request.headers.authorization ?? '') ?? [];
  return { service, region, path: request.url ?? '/', copied: String(request.headers['x-amz-copy-source'] ?? '') };
}

/** The name of a bucket ends with its region, and stands first in the path, and in the source of a copy. */
const namesBucketOf = (region: string, { service, path, copied }: Asked) =>
  service === 's3' && [path, copied].some((named) => (named.replace(/^\//, '').split(/[/?]/)[0] ?? '').endsWith(`-${region}`));

/** With the caller's own headers, `host` among them: the signature is of these. */
function pass(request: IncomingMessage, response: ServerResponse, endpointUrl: string, ca: Buffer): void {
  const passed = httpsRequest(
    new URL(request.url ?? '/', endpointUrl),
    { method: request.method, headers: request.headers, ca },
    (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
      answer.on('error', () => response.destroy());
    },
  );
  passed.on('error', () => response.destroy());
  request.on('error', () => passed.destroy());
  request.pipe(passed);
}
