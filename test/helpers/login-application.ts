/**
 * An application as a drill brings one up: it keeps accounts in the database, each with an HMAC of its password under a key, so that a
 * login works with the right data and the right key alone. Its argument makes it fail in one way.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { Client } from 'pg';

const [way = 'well'] = process.argv.slice(2);
const { DATABASE_URL = '', PORT = '', PASSWORD_KEY = '' } = process.env;

// What it must never be told.
const leaked = Object.keys(process.env).filter((name) => /^(AWS|ECS)_/.test(name));
if (leaked.length > 0) {
  console.log(`it was told ${leaked.join(', ')}`);
  process.exit(9);
}
if (way === 'ends') process.exit(3);
if (way === 'lingers') process.on('SIGTERM', () => undefined);

const tokens = new Map<string, string>();

async function ask(sql: string, values: string[] = []): Promise<unknown[][]> {
  const client = new Client({ connectionString: DATABASE_URL });
  try {
    await client.connect();
    return (await client.query<unknown[]>({ text: sql, values, rowMode: 'array' })).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function answer(request: IncomingMessage): Promise<{ status: number; body: string }> {
  if (request.url === '/health') {
    const [row] = await ask('SELECT count(*) FROM accounts');
    return { status: way === 'wrong' ? 500 : 200, body: `${String(row?.[0])} accounts` };
  }
  if (request.url === '/login') {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { username, password } = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, string>;
    const seal = createHmac('sha256', PASSWORD_KEY)
      .update(password ?? '')
      .digest('hex');
    const known = await ask('SELECT 1 FROM accounts WHERE name = $1 AND seal = $2', [username ?? '', seal]);
    if (known.length === 0) return { status: 401, body: 'no' };
    // A login writes: what was restored can be worked with.
    await ask('UPDATE accounts SET seen = now() WHERE name = $1', [username ?? '']);
    const token = randomBytes(12).toString('hex');
    tokens.set(token, username ?? '');
    return { status: 200, body: JSON.stringify({ token }) };
  }
  const name = tokens.get((request.headers.authorization ?? '').replace('Bearer ', ''));
  return name === undefined ? { status: 403, body: 'no' } : { status: 200, body: `welcome ${name}` };
}

if (way === 'silent') setInterval(() => undefined, 1000);
else
  createServer((request, response) => {
    answer(request).then(
      ({ status, body }) => response.writeHead(status).end(body),
      () => response.writeHead(503).end(),
    );
  }).listen(Number(PORT), '127.0.0.1');
