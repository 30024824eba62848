/** The database that the demo makes for itself: who may log in, and what its secrets hold. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Client } from 'pg';
import type { Postgres } from '../../local/postgres.ts';
import { createIdentityDatabase, createRoles, encryptWalletsAnew } from './identity-database.ts';
import type { SourceSecret } from './own-source.ts';

const KEY_BYTES = 32;
const PASSWORD_BYTES = 18;

/** `secret` is the login of the dump, which only reads; `restoreSecret` that of a restore. */
/** `encrypted`: a value of the database that opens with the key, as the plan's canary describes it. */
export type IdentitySource = {
  secret: SourceSecret;
  restoreSecret: SourceSecret;
  keyHex: string;
  encrypted: Uint8Array;
  sizeBytes: number;
  /** What its application does once the key is rotated. */
  encryptAnew(keyHex: string): Promise<void>;
};

/** @param scale 1 is about 50 MB */
export async function makeIdentitySource(
  postgres: Postgres,
  names: { database: string; reader: string; restorer: string; tenant: string },
  scale: number,
  now: Date,
): Promise<IdentitySource> {
  const ca = readFileSync(postgres.caPath, 'utf8');
  const connect = async (database: string) => {
    const client = new Client({
      host: postgres.host,
      port: postgres.port,
      user: postgres.superuser,
      password: postgres.password,
      database,
      ssl: { ca },
    });
    await client.connect();
    return client;
  };
  const newPassword = () => randomBytes(PASSWORD_BYTES).toString('base64url');
  const [readerPassword, restorerPassword] = [newPassword(), newPassword()];
  const walletKey = randomBytes(KEY_BYTES);
  const server = await connect('postgres');
  await server.query(`create database ${server.escapeIdentifier(names.database)}`);
  await server.end();
  const client = await connect(names.database);
  try {
    await createIdentityDatabase(client, { walletKey, scale, now });
    await createRoles(client, { ...names, readerPassword, restorerPassword });
    const { rows } = await client.query<{ size: string }>('select pg_database_size(current_database())::text as size');
    const shares = await client.query<{ wallet_share: Buffer }>('select wallet_share from wallets limit 1');
    const at = { host: 'localhost', port: postgres.port, dbname: names.database, ca };
    return {
      secret: { ...at, username: names.reader, password: readerPassword },
      restoreSecret: { ...at, username: names.restorer, password: restorerPassword },
      keyHex: walletKey.toString('hex'),
      encrypted: shares.rows[0]?.wallet_share ?? new Uint8Array(),
      sizeBytes: Number(rows[0]?.size ?? 0),
      async encryptAnew(keyHex) {
        const application = await connect(names.database);
        try {
          await encryptWalletsAnew(application, Buffer.from(keyHex, 'hex'));
        } finally {
          await application.end();
        }
      },
    };
  } finally {
    await client.end();
  }
}
