import type { Client } from 'pg';

const GRACE_MILLISECONDS = 5_000;

/** A server that does not answer does not say goodbye either. */
export async function endClient(client: Client): Promise<void> {
  const force = setTimeout(() => client.connection.stream.destroy(), GRACE_MILLISECONDS);
  await client.end().catch(() => undefined);
  clearTimeout(force);
}
