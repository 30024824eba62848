/**
 * A slow network in front of a server, as a process of its own: `node proxy.ts <port> <bytes per second>`. Every connection has a
 * bucket of tokens of its own, for what the server sends. The port that it listens on is its first line of output.
 */
import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer } from 'node:net';

const LOOPBACK = '127.0.0.1';
/** What a connection may send at once: 20 ms of its rate, long enough for timers that are a millisecond off. */
const BURST_SECONDS = 0.02;

const [port, bytesPerSecond] = process.argv.slice(2).map(Number);
if (!port || !bytesPerSecond) throw new TypeError('usage: proxy.ts <port> <bytes per second>');

/** Pauses `socket` whenever what it has sent is ahead of its rate. */
function limit(socket: Socket, rate: number): (bytes: number) => void {
  let tokens = rate * BURST_SECONDS;
  let filledAt = performance.now();
  return (bytes) => {
    const now = performance.now();
    tokens = Math.min(rate * BURST_SECONDS, tokens + ((now - filledAt) / 1000) * rate) - bytes;
    filledAt = now;
    if (tokens >= 0) return;
    socket.pause();
    setTimeout(() => socket.resume(), (-tokens / rate) * 1000);
  };
}

const server = createServer((client) => {
  const upstream = connect(port, LOOPBACK);
  const spend = limit(upstream, bytesPerSecond);
  for (const socket of [client, upstream]) {
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
  }
  upstream.on('data', (chunk) => {
    spend(chunk.length);
    // A client that reads slower than its rate holds the server back as it would without us.
    if (!client.write(chunk)) {
      upstream.pause();
      client.once('drain', () => upstream.resume());
    }
  });
  client.pipe(upstream);
  upstream.on('end', () => client.end());
  client.on('close', () => upstream.destroy());
  upstream.on('close', () => client.destroy());
});
server.listen(0, LOOPBACK, () => console.log((server.address() as AddressInfo).port));
