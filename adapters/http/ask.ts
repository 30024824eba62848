/** One request over HTTP or HTTPS, with an end to everything: time, bytes, redirects. What goes wrong is an answer in our words. */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Asked } from '../../core/validation/judge-answer.ts';

/** More is not read: what a probe looks for stands at the beginning. */
const MOST_BYTES = 256 * 1024;

export type Ask = {
  url: string;
  method: 'GET' | 'POST';
  headers: Record<string, string>;
  body?: string | undefined;
  /** PEM of the authority that the server's certificate is of; the public ones when undefined. */
  ca: string | undefined;
  timeoutMilliseconds: number;
  /** How many redirects are followed, to the same host alone. */
  redirects: number;
};
export type Answered = Extract<Asked, { status: number }> & { cookies: string[] };

export async function ask(parts: Ask): Promise<Answered | { problem: string }> {
  const deadline = AbortSignal.timeout(parts.timeoutMilliseconds);
  let { url, redirects } = parts;
  try {
    for (;;) {
      const answer = await send({ ...parts, url }, deadline);
      const { location } = answer.headers;
      const next = location === undefined ? undefined : URL.parse(location, url);
      if (redirects === 0 || !isRedirect(answer) || !next) return await read(answer, deadline);
      answer.destroy();
      // Elsewhere somebody else answers, and a password or cookie is not theirs.
      if (next.host !== new URL(url).host || next.protocol !== new URL(url).protocol) return { problem: 'a redirect to another host' };
      redirects--;
      url = next.href;
    }
  } catch (error) {
    return { problem: deadline.aborted ? 'no answer in time' : describe(error) };
  }
}

const isRedirect = ({ statusCode = 0 }: IncomingMessage) => statusCode >= 300 && statusCode < 400;

const send = ({ url, method, headers, body, ca }: Ask, signal: AbortSignal) =>
  new Promise<IncomingMessage>((resolve, reject) => {
    const start = url.startsWith('https:') ? httpsRequest : httpRequest;
    const sent = start(url, { method, headers, signal, agent: false, ...(ca === undefined ? {} : { ca }) }, resolve);
    sent.on('error', reject);
    sent.end(body);
  });

async function read(answer: IncomingMessage, signal: AbortSignal): Promise<Answered> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer) {
    signal.throwIfAborted();
    chunks.push(chunk as Buffer);
    bytes += (chunk as Buffer).length;
    if (bytes >= MOST_BYTES) break;
  }
  answer.destroy();
  return {
    status: answer.statusCode ?? 0,
    body: Buffer.concat(chunks).subarray(0, MOST_BYTES).toString('utf8'),
    cookies: (answer.headers['set-cookie'] ?? []).map((cookie) => cookie.split(';')[0] ?? ''),
  };
}

const TLS = /^(CERT_|ERR_TLS_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/;

/** Errors of the network by their code: their text may quote an address with what it carries. */
function describe(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (TLS.test(code)) return `the certificate is not accepted (${code})`;
  if (/^[A-Z][A-Z_]{2,40}$/.test(code)) return `no answer (${code})`;
  return 'no answer';
}
