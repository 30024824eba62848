/** From facts about a database to findings with fixes: pure, so that every finding can be tested without a server that has the fault. */
import type { Finding } from '../plan/finding.ts';
import type { PostgresAsset } from '../plan/schema.ts';
import type { DatabaseFacts } from './facts.ts';
import { judgeContent } from './judge-content.ts';
import { judgeReader } from './judge-reader.ts';
import { judgeServer } from './judge-server.ts';

/**
 * Errors first. Without an error, a dump of this database as this role is expected to succeed.
 * @param client version number of pg_dump, such as 160010, where it is known
 */
export function judgeDatabase(facts: DatabaseFacts, asset: PostgresAsset, client?: number): Finding[] {
  const findings = [...judgeServer(facts, asset, client), ...judgeReader(facts), ...judgeContent(facts, asset)];
  return [...findings.filter(({ severity }) => severity === 'error'), ...findings.filter(({ severity }) => severity !== 'error')];
}
