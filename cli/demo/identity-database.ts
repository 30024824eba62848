/**
 * A realistic identity database for the demo and the end-to-end tests: about 50 MB at scale 1, made inside the server, the same for
 * the same seed. Everything that a dump tends to get wrong is in it: foreign keys, a partitioned table, large objects, a sequence
 * of its own, a materialized view, row-level security with its role, and wallet shares encrypted by the application.
 */
import { createCipheriv, createHash } from 'node:crypto';
import type { Client } from 'pg';

export type IdentityDatabase = {
  /** Key of the application, 32 bytes: wallet shares are AES-256-GCM, iv | tag | ciphertext. */
  walletKey: Uint8Array;
  /** 1 is about 50 MB. */
  scale: number;
  /** Months of the audit log end at this instant. */
  now: Date;
};

const WALLETS_PER_SCALE = 4_000;
const SHARE_BYTES = 48;
const IV_BYTES = 12;

const structure = `
create extension if not exists plpgsql;
create schema if not exists ledger;
create type credential_state as enum ('issued', 'suspended', 'revoked');
create domain did as text check (value like 'did:%');
create sequence ledger.receipt_number start 100000 increment 7;
create table users (
  id bigint generated always as identity primary key,
  did did not null unique,
  email text not null unique,
  display_name text not null,
  created_at timestamptz not null default now()
);
create table wallets (
  id bigint generated always as identity primary key,
  user_id bigint not null unique references users (id) on delete cascade,
  wallet_share bytea not null,
  network text not null default 'mainnet'
);
create table credentials (
  id bigint generated always as identity primary key,
  user_id bigint not null references users (id),
  receipt bigint not null default nextval('ledger.receipt_number') unique,
  state credential_state not null default 'issued',
  claims jsonb not null,
  issued_at timestamptz not null
);
create index credentials_claims on credentials using gin (claims jsonb_path_ops);
create index credentials_by_user on credentials (user_id, issued_at desc);
create table audit_log (
  id bigint generated always as identity,
  at timestamptz not null,
  actor bigint references users (id),
  action text not null,
  detail jsonb not null,
  primary key (id, at)
) partition by range (at);
create table documents (
  id bigint generated always as identity primary key,
  user_id bigint not null references users (id),
  content oid not null
);
create materialized view credentials_per_state as select state, count(*) as credentials from credentials group by state with no data;
alter table credentials enable row level security;
create function revoke_credential(which bigint) returns void language sql as
  $$ update credentials set state = 'revoked' where id = which $$;
comment on table wallets is 'Server shares of embedded wallets; unreadable without WALLET_ENCRYPTION_KEY';
`;

const content = (users: number, credentials: number, events: number) => `
select setseed(0.42);
insert into users (did, email, display_name, created_at)
  select 'did:ida:' || md5(i::text), 'person' || i || '@example.org', 'Person ' || i, timestamptz '2024-01-01' + i * interval '7 minutes'
  from generate_series(1, ${users}) i;
insert into credentials (user_id, claims, issued_at, state)
  select 1 + (i * 7919) % ${users},
    jsonb_build_object('type', (array['age', 'residence', 'diploma', 'employment'])[1 + i % 4], 'level', i % 5, 'issuer', 'did:ida:issuer-' || i % 50,
      'evidence', md5(i::text) || md5((i + 1)::text), 'note', repeat(md5((i % 977)::text), 3), 'validUntil', date '2030-01-01' + i % 1000),
    timestamptz '2025-01-01' + i * interval '11 minutes',
    (case when i % 97 = 0 then 'revoked' when i % 53 = 0 then 'suspended' else 'issued' end)::credential_state
  from generate_series(1, ${credentials}) i;
insert into audit_log (at, actor, action, detail)
  select $1::timestamptz - (i * interval '1 year') / ${events}, 1 + (i * 31) % ${users}, (array['login', 'present', 'issue', 'revoke'])[1 + i % 4],
    jsonb_build_object('ip', '10.' || i % 200 || '.' || i % 250 || '.7', 'request', md5(i::text), 'latencyMs', i % 900)
  from generate_series(1, ${events}) i;
`;

/** Creates the content of an empty database. `client` is connected to it as its owner or a superuser. */
export async function createIdentityDatabase(client: Client, database: IdentityDatabase): Promise<void> {
  const count = (perScale: number) => Math.max(20, Math.round(perScale * database.scale));
  const users = count(WALLETS_PER_SCALE * 2);
  await client.query(structure);
  await createPartitions(client, database.now);
  await inSteps(client, content(users, count(40_000), count(110_000)), [database.now.toISOString()]);
  await insertWallets(client, database.walletKey, count(WALLETS_PER_SCALE));
  await client.query(
    `insert into documents (user_id, content) select i, lo_from_bytea(0, decode(repeat(md5(i::text), 200), 'hex')) from generate_series(1, ${count(60)}) i`,
  );
  await client.query('refresh materialized view credentials_per_state');
  await client.query('analyze');
}

export type IdentityRoles = { reader: string; readerPassword: string; restorer: string; restorerPassword: string; tenant: string };

/**
 * Gives `reader` the right to dump everything and nothing else, and `tenant` rows of its own: what `holdfast doctor --grants` prints
 * for this database. `restorer` is a superuser: everything here belongs to the server's first superuser, and being a member of that
 * role is the same power. Where the owners are ordinary roles, CREATEDB and membership in them are enough.
 */
export async function createRoles(client: Client, roles: IdentityRoles): Promise<void> {
  const name = (text: string) => client.escapeIdentifier(text);
  await client.query(`create role ${name(roles.tenant)} nologin`);
  await client.query(
    `create policy own_credentials on credentials to ${name(roles.tenant)} using (user_id = current_setting('ida.user_id', true)::bigint)`,
  );
  await client.query(`grant select on credentials to ${name(roles.tenant)}`);
  await client.query(`create role ${name(roles.reader)} login bypassrls password ${client.escapeLiteral(roles.readerPassword)}`);
  await client.query(`create role ${name(roles.restorer)} login superuser password ${client.escapeLiteral(roles.restorerPassword)}`);
  await client.query(`grant pg_read_all_data to ${name(roles.reader)}`);
  const { rows } = await client.query<{ oid: string }>('select oid::text from pg_largeobject_metadata');
  for (const { oid } of rows) await client.query(`grant select on large object ${oid} to ${name(roles.reader)}`);
}

async function createPartitions(client: Client, now: Date): Promise<void> {
  const month = (offset: number) => new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + offset, 1)).toISOString().slice(0, 10);
  for (let offset = -12; offset <= 0; offset++) {
    const from = month(offset);
    await client.query(
      `create table audit_log_${from.slice(0, 7).replace('-', '_')} partition of audit_log for values from ('${from}') to ('${month(offset + 1)}')`,
    );
  }
  await client.query('create table audit_log_other partition of audit_log default');
}

/** The server takes parameters in single statements only. */
async function inSteps(client: Client, sql: string, parameters: string[]): Promise<void> {
  for (const statement of sql
    .split(/;\n/)
    .map((text) => text.trim())
    .filter(Boolean))
    await client.query(statement, statement.includes('$1') ? parameters : []);
}

async function insertWallets(client: Client, key: Uint8Array, count: number): Promise<void> {
  const shares = Array.from({ length: count }, (_, index) => encryptShare(key, index));
  await client.query(
    'insert into wallets (user_id, wallet_share) select ordinality, decode(share, $$hex$$) from unnest($1::text[]) with ordinality as s (share, ordinality)',
    [shares.map((share) => share.toString('hex'))],
  );
}

/** As an application does after a rotation: every share under the new key, and none under the old one. */
export async function encryptWalletsAnew(client: Client, key: Uint8Array): Promise<void> {
  const { rows } = await client.query<{ id: string }>('select id::text from wallets order by id');
  await client.query(
    'update wallets set wallet_share = decode(share, $$hex$$) from unnest($1::bigint[], $2::text[]) as s (wallet, share) where id = wallet',
    [rows.map(({ id }) => id), rows.map((_, index) => encryptShare(key, index).toString('hex'))],
  );
}

/** A share as the application stores it. Derived, not random: the same database every time, and never the same IV twice. */
function encryptShare(key: Uint8Array, index: number): Buffer {
  const derived = (what: string) => createHash('sha512').update(`${what}:${index}`).digest();
  const iv = derived('iv').subarray(0, IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  const ciphertext = Buffer.concat([cipher.update(derived('share').subarray(0, SHARE_BYTES)), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), ciphertext]);
}
