/** What is in the database and would be missing, or fail, where its dump is restored. */
import type { Finding } from '../plan/finding.ts';
import type { PostgresAsset } from '../plan/schema.ts';
import type { DatabaseFacts } from './facts.ts';

/** What every PostgreSQL of the image has: `plpgsql` and the additional supplied modules. */
const SUPPLIED = new Set(
  `plpgsql adminpack amcheck autoinc bloom bool_plperl btree_gin btree_gist citext cube dblink dict_int dict_xsyn earthdistance file_fdw
   fuzzystrmatch hstore insert_username intagg intarray isn lo ltree moddatetime old_snapshot pageinspect pg_buffercache pg_freespacemap
   pg_logicalinspect pg_overexplain pg_prewarm pg_stat_statements pg_surgery pg_trgm pg_visibility pg_walinspect pgcrypto pgrowlocks
   pgstattuple postgres_fdw refint seg sslinfo tablefunc tcn tsm_system_rows tsm_system_time unaccent uuid-ossp xml2`.split(/\s+/),
);

export function judgeContent({ content, database }: DatabaseFacts, { drill }: PostgresAsset): Finding[] {
  const findings: Finding[] = [];
  const found = (path: string, value: string, problem: string, fix: string) =>
    findings.push({ severity: 'warning', path, value, problem, fix });

  const known = new Set([...SUPPLIED, ...drill.extensions.install, ...drill.extensions.skip]);
  const foreign = content.extensions.map(({ name }) => name).filter((name) => !known.has(name));
  if (foreign.length > 0) {
    const problem = 'These extensions do not come with PostgreSQL: a drill’s ephemeral database has them only when the image brings them';
    found('content.extensions', foreign.join(', '), problem, 'Build the image with them, or name them in `drill.extensions.skip`');
  }
  if (content.subscriptions > 0) {
    const problem = 'Only a superuser dumps subscriptions: they are not in the points';
    found(
      'content.subscriptions',
      String(content.subscriptions),
      problem,
      'Keep the statements that create them with the application, and run them after a restore',
    );
  }
  if (content.userMappings > 0) {
    const problem = 'Passwords of user mappings are not readable for the dump role: they are not in the points';
    found(
      'content.userMappings',
      String(content.userMappings),
      problem,
      'Keep these passwords as key assets, and set them again after a restore',
    );
  }
  if (database.encoding === 'SQL_ASCII') {
    const problem = 'The server does not know the encoding of its text: a restore into any other encoding may fail';
    found('database.encoding', database.encoding, problem, 'Restore into SQL_ASCII alone, or convert the database to UTF8');
  }
  return findings;
}
