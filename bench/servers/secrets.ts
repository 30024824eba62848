/** As much of Secrets Manager as a task asks: the login to a database. The tasks are run as they are deployed, so they fetch one. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LOOPBACK } from '../../local/servers/port.ts';

export type SecretsServer = { endpointUrl: string; set: (name: string, value: string) => void; stop: () => Promise<void> };

export async function startSecrets(): Promise<SecretsServer> {
  const secrets = new Map<string, string>();
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const name = (JSON.parse(body) as { SecretId?: string }).SecretId ?? '';
      const SecretString = secrets.get(name);
      const answer = SecretString === undefined ? { __type: 'ResourceNotFoundException' } : { Name: name, SecretString };
      response.writeHead(SecretString === undefined ? 400 : 200, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, LOOPBACK, resolve));
  return {
    endpointUrl: `http://${LOOPBACK}:${(server.address() as AddressInfo).port}`,
    set: (name, value) => void secrets.set(name, value),
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
