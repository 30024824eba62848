/** What `ALTER DATABASE … SET` and `ALTER ROLE … IN DATABASE … SET` said at the source, as the point keeps it in `settings.sql`. Pure. */

export type SettingStatement = { name: string; sql: string };

/** A library that this server has not got would end every session of the database, that which restores it among them. */
const LOADS_CODE = new Set(['session_preload_libraries', 'local_preload_libraries']);

/**
 * `own`: of the database, or of a role in it. `left`: names of those that a restore does not set, because they load code into every
 * session. `ofRoles`: how many hold for a role in every database of the server, which a restore does not touch.
 * @param script `settings.sql`: every statement stands on a line of its own (core/backup/globals-sql.ts)
 */
export function readDatabaseSettings(script: string): { own: SettingStatement[]; left: string[]; ofRoles: number } {
  const [, section = ''] = script.split(/^-- Settings$/m);
  const lines = section.split('\n').filter((line) => line.trim() !== '');
  const inDatabase = lines.filter((line) => line.startsWith('DO ')).map((sql) => ({ name: nameIn(sql), sql }));
  return {
    own: inDatabase.filter(({ name }) => !LOADS_CODE.has(name)),
    left: inDatabase.map(({ name }) => name).filter((name) => LOADS_CODE.has(name)),
    ofRoles: lines.length - inDatabase.length,
  };
}

const nameIn = (sql: string) => / SET "([^"]+)" TO /.exec(sql)?.[1] ?? 'of an unknown name';
