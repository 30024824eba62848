/** A plain dump sets the encoding of its database for all that comes behind it in its session. */
import { expect, it } from 'vitest';
import { connectToTestServer } from '../../../helpers/servers.ts';
import { openSwapWorld } from './world.ts';

const over = { restore: { secret: 'restores', noOwner: false, noPrivileges: false } };

it.each([
  ['EUC_JP', '日本', `it's of "日本", \\ and\nmore`],
  ['LATIN1', 'für', 'für alle'],
])(
  'the replay of a dump in %s gives its text, and leaves the comment of the database as it was',
  async (encoding, text, comment) => {
    const world = await openSwapWorld(`CREATE TABLE users AS SELECT i AS id, '${text}' AS name FROM generate_series(1, 9) i`, encoding);
    const beside = `${world.database}_beside`;
    /** As clients of the database see it. */
    const commentNow = async () => {
      const client = await connectToTestServer(beside);
      const { rows } = await client.query<{ comment: string }>(
        `SELECT shobj_description(oid, 'pg_database') AS comment FROM pg_database WHERE datname = $1`,
        [world.database],
      );
      await client.end();
      return rows[0]?.comment;
    };
    try {
      // A server whose databases are all in this encoding.
      await world.admin.query(`CREATE DATABASE ${beside} TEMPLATE template0 LOCALE 'C' ENCODING '${encoding}'`);
      const client = await world.source.connect();
      await client.query(`COMMENT ON DATABASE ${world.database} IS '${comment.replaceAll("'", "''")}'`);
      expect(await commentNow()).toBe(comment);
      const clean = await world.point({ dump: { format: 'plain', cleanIfExists: true }, over });
      const whole = await world.whole();
      await client.query(`UPDATE users SET name = 'changed ' || id`);
      await client.end();
      await world.replace(clean, { target: 'clean-replay', login: { database: beside } });
      expect(await world.whole()).toEqual(whole);
      expect(await commentNow()).toBe(comment);
    } finally {
      await world.close();
    }
  },
  60_000,
);
