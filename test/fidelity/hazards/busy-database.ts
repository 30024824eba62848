/**
 * A database that is written to all the time, so that a copy of it tells whether it is of one moment: money moves between two tables and
 * never comes or goes, and every move is written down in a third.
 */
import type { Client } from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SeededRandom } from '../../helpers/seeded-random.ts';

const ACCOUNTS = 2_000;

/** `victim` is read in segments, `victim_of_rest` stays with pg_dump; `happened` says, in the same transaction, what was done to either. */
export async function makeBusyDatabase(client: Client): Promise<void> {
  await client.query(`
    CREATE TABLE left_accounts (id int PRIMARY KEY, balance bigint NOT NULL, padding text) WITH (fillfactor = 60);
    CREATE TABLE right_accounts (LIKE left_accounts INCLUDING ALL);
    INSERT INTO left_accounts SELECT i, 1000, repeat('l', 150) FROM generate_series(1, ${ACCOUNTS}) i;
    INSERT INTO right_accounts SELECT i, 1000, repeat('r', 150) FROM generate_series(1, ${ACCOUNTS}) i;
    CREATE TABLE moves (from_left int, to_right int, amount bigint, padding text);
    CREATE TABLE happened (what text);`);
  await makeVictims(client);
}

export const VICTIM_ROWS = 4_000;
const VICTIMS = ['victim', 'victim_of_rest'];

export async function makeVictims(client: Client): Promise<void> {
  await client.query(`
    DROP TABLE IF EXISTS victim, victim_of_rest, newcomer, renamed CASCADE; TRUNCATE happened;
    CREATE TABLE victim (id int, text text);
    INSERT INTO victim SELECT i, repeat('v', 200) FROM generate_series(1, ${VICTIM_ROWS}) i;
    CREATE UNLOGGED TABLE victim_of_rest (id int, text text);
    INSERT INTO victim_of_rest SELECT i, repeat('w', 200) FROM generate_series(1, ${VICTIM_ROWS}) i;`);
}

/** Moves money, and adds and removes rows that cancel out, until told to stop. */
export function keepWriting(client: Client, random: SeededRandom): { stop: () => Promise<number> } {
  const stopping = new AbortController();
  let moves = 0;
  const work = (async () => {
    while (!stopping.signal.aborted) {
      const [from, to, amount] = [1 + random.below(ACCOUNTS), 1 + random.below(ACCOUNTS), 1 + random.below(100)];
      // Rows change pages: deleted and written anew, they end up where a range of pages was read already, or was not yet. Two writers of one
      // account take turns: a DELETE that waited for another's finds its row gone and does not see the new one, and the money would be lost.
      await client.query(`BEGIN;
        UPDATE left_accounts SET balance = balance - ${amount} WHERE id = ${from};
        SELECT pg_advisory_xact_lock(${to});
        WITH gone AS (DELETE FROM right_accounts WHERE id = ${to} RETURNING *)
          INSERT INTO right_accounts SELECT id, balance + ${amount}, padding FROM gone;
        INSERT INTO moves VALUES (${from}, ${to}, ${amount}, repeat('m', 100));
        COMMIT`);
      moves++;
    }
  })();
  return {
    stop: async () => {
      stopping.abort();
      await work;
      return moves;
    },
  };
}

/** What is wrong with a copy, in words; nothing when it is of one moment. */
export async function findTornContent(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ wrong: string }>(`
    SELECT 'money came or went: ' || sum(balance) AS wrong FROM (SELECT balance FROM left_accounts UNION ALL SELECT balance FROM right_accounts) b
      HAVING sum(balance) <> ${2 * ACCOUNTS * 1000}
    UNION ALL SELECT 'rows of ' || side || ': ' || n FROM (SELECT 'left' AS side, count(*) AS n FROM left_accounts UNION ALL SELECT 'right', count(*) FROM right_accounts) c
      WHERE n <> ${ACCOUNTS}
    UNION ALL SELECT 'account ' || id || ' on the left is not what its moves made of it' FROM left_accounts
      LEFT JOIN (SELECT from_left, sum(amount) AS moved FROM moves GROUP BY 1) m ON m.from_left = id WHERE balance <> 1000 - coalesce(moved, 0)
    UNION ALL SELECT 'account ' || id || ' on the right is not what its moves made of it' FROM right_accounts
      LEFT JOIN (SELECT to_right, sum(amount) AS moved FROM moves GROUP BY 1) m ON m.to_right = id WHERE balance <> 1000 + coalesce(moved, 0)
    LIMIT 5`);
  const victims: string[] = [];
  for (const table of VICTIMS) victims.push(...(await findTornVictim(client, table)));
  return [...rows.map(({ wrong }) => wrong), ...victims];
}

/** Both the content of the table and what is said to have happened to it are of the snapshot, or one of them is not. */
async function findTornVictim(client: Client, table: string): Promise<string[]> {
  const { rows: said } = await client.query<{ what: string }>('SELECT what FROM happened');
  const happened = new Set(said.map(({ what }) => what));
  const has = (what: string) => happened.has(`${table} ${what}`);
  const exists = async (name: string) =>
    (await client.query<{ it: boolean }>('SELECT to_regclass($1) IS NOT NULL AS it', [name])).rows[0]?.it === true;
  if (has('dropped')) return (await exists(table)) ? [`${table} was dropped, and is there`] : [];
  const name = has('renamed') ? 'renamed' : table;
  if (!(await exists(name))) return [`${name} is not there`];
  const { rows } = await client.query<{ rows: string; columns: string }>(
    `SELECT count(*) AS rows, (SELECT string_agg(attname || ' ' || atttypid::regtype, ', ' ORDER BY attnum) FROM pg_attribute
       WHERE attrelid = '${name}'::regclass AND attnum > 0 AND NOT attisdropped) AS columns FROM ${name}`,
  );
  const wanted = {
    rows: String(has('truncated') ? 0 : VICTIM_ROWS),
    columns: [
      `id ${has('widened') ? 'bigint' : 'integer'}`,
      ...(has('shortened') ? [] : ['text text']),
      ...(has('lengthened') ? ['more text'] : []),
    ].join(', '),
  };
  const wrong = rows[0]?.rows !== wanted.rows || rows[0].columns !== wanted.columns;
  return wrong ? [`${table}: ${JSON.stringify(rows[0])} instead of ${JSON.stringify(wanted)}`] : [];
}

const LOCKED_BY_DUMP = `SELECT count(*)::int AS n FROM pg_locks l JOIN pg_stat_activity a USING (pid)
  WHERE a.datname = current_database() AND a.application_name LIKE 'holdfast%' AND l.granted AND l.locktype = 'relation' AND l.relation = to_regclass($1)`;

/** Resolves when a session of the dump holds the table, or when `isOver`. */
export async function waitForDumpToHold(client: Client, table: string, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const { rows } = await client.query<{ n: number }>(LOCKED_BY_DUMP, [table]);
    if ((rows[0]?.n ?? 0) > 0) return;
    await sleep(1);
  }
}

/** Sessions of the dump that are still there. */
export async function findLeftSessions(client: Client): Promise<number> {
  const { rows } = await client.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'holdfast%'`,
  );
  return rows[0]?.n ?? 0;
}
