/** A small application over real TLS: a page, a login that knows one account, and what only that account sees. */
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createAuthority } from '../../../local/tls/certificates.ts';

export const PASSWORD = 'planted-password-4711';
const TOKEN = 'planted-token-0815';

export async function makeApplication() {
  const authority = createAuthority('test', new Date());
  const { certificatePem, keyPem } = authority.issue('localhost');
  const seen: string[] = [];
  const state = { isUp: true, asked: 0 };
  const server = createServer({ cert: certificatePem, key: keyPem }, (incoming, answer) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      state.asked++;
      seen.push(`${incoming.method} ${incoming.url}`);
      const respond = (status: number, text: string, headers: Record<string, string> = {}) =>
        void answer.writeHead(status, headers).end(text);
      const isKnown = (username: string | null | undefined, password: string | null | undefined) =>
        username === 'probe' && password === PASSWORD;
      if (!state.isUp) return respond(503, 'starting');
      switch (incoming.url ?? '') {
        case '/health':
          return respond(200, '{"status":"ok"}');
        case '/old':
          return respond(302, '', { location: '/health' });
        case '/loop':
          return respond(302, '', { location: '/loop' });
        case '/away':
          return respond(302, '', { location: 'https://elsewhere.example.org/' });
        case '/silent':
          return undefined;
        case '/endless': {
          answer.writeHead(200);
          const timer = setInterval(() => answer.write('x'), 20);
          return void answer.on('close', () => clearInterval(timer));
        }
        case '/login': {
          const { username, password } = JSON.parse(body) as Record<string, string>;
          return isKnown(username, password)
            ? respond(200, JSON.stringify({ data: { token: TOKEN } }), { 'set-cookie': 'session=s-1; HttpOnly' })
            : respond(401, `wrong password ${password}`);
        }
        case '/form': {
          const form = new URLSearchParams(body);
          return isKnown(form.get('email'), form.get('pass'))
            ? respond(302, '', { location: '/', 'set-cookie': 'session=s-1' })
            : respond(403, body);
        }
        case '/me':
          return incoming.headers.authorization === `Bearer ${TOKEN}` ? respond(200, 'role: admin') : respond(401, '');
        case '/home':
          return incoming.headers.cookie === 'session=s-1' ? respond(200, 'Welcome') : respond(302, '', { location: '/form' });
        default:
          return respond(404, '');
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: (path: string) => `https://localhost:${port}${path}`,
    port,
    ca: authority.certificatePem,
    otherAuthority: createAuthority('other', new Date()).certificatePem,
    seen,
    state,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
