/** How the database is reached and dumped: settings that do nothing, cannot work, or let somebody read along. */
import { dumpFormat, SEGMENTED_SINCE_MAJOR } from '../dump-format.ts';
import type { Finding } from '../finding.ts';
import { finding, postgresAssets, type Rule } from './rule.ts';

export const checkTls: Rule = (plan) =>
  postgresAssets(plan).flatMap(({ asset: { source }, path }) => {
    if (source.tls === 'verify-full') return [];
    const field = [...path, 'source', 'tls'];
    if (source.tls === 'disable' && source.authentication === 'rds-iam') {
      return [finding(plan, 'error', field, 'IAM authentication needs TLS', 'Write verify-full')];
    }
    const problem = {
      'verify-ca': 'The certificate is checked, but not that it is this server’s',
      require: 'The connection is encrypted to a server that nobody checks',
      disable: 'Password and data cross the network readable',
    }[source.tls];
    return [finding(plan, 'warning', field, problem, 'Write verify-full, and say in `ca` where the certificate authority stands')];
  });

/** What is not named is not granted: without it no task could log in. */
export const checkRdsLogin: Rule = (plan) =>
  postgresAssets(plan).flatMap(({ asset: { source, restore }, path }) => {
    if (source.authentication !== 'rds-iam') return [];
    const findings: Finding[] = [];
    if (source.rds === undefined) {
      const fix =
        'Write `rds: { resourceIds: [db-…], user: … }`; the resource id is what `aws rds describe-db-instances` calls DbiResourceId';
      findings.push(finding(plan, 'error', [...path, 'source', 'rds'], 'IAM lets in only whom and where the plan says', fix));
    }
    if (restore !== undefined && restore.rdsUser === undefined) {
      const problem = 'IAM lets in restores only as the user that the plan names';
      findings.push(finding(plan, 'error', [...path, 'restore', 'rdsUser'], problem, 'Name the database user of the secret of restores'));
    }
    return findings;
  });

/** The major version of PostgreSQL from which pg_dump writes zstd archives. */
const ZSTD_SINCE_MAJOR = 16;
const MOST_GZIP_LEVEL = 9;

export const checkDumpOptions: Rule = (plan) =>
  postgresAssets(plan).flatMap(({ asset: { dump, source }, path }) => {
    const findings: Finding[] = [];
    const { method, level } = dump.compression;
    const at = (...field: string[]) => [...path, 'dump', ...field];
    if (dumpFormat({ dump, source }) !== 'plain') {
      for (const option of ['cleanIfExists', 'noOwner', 'noTablespaces'] as const) {
        if (!dump[option]) continue;
        const problem = 'An archive ignores this: it is chosen when it is restored';
        findings.push(finding(plan, 'warning', at(option), problem, 'Remove it, or set `format: plain`'));
      }
      if (dumpFormat({ dump, source }) === 'custom' && method === 'zstd' && source.postgresMajor < ZSTD_SINCE_MAJOR) {
        const problem = `pg_dump ${source.postgresMajor} cannot write a zstd archive`;
        findings.push(finding(plan, 'error', at('compression', 'method'), problem, 'Write auto or gzip'));
      }
    }
    if (dump.format === 'segmented' && source.postgresMajor < SEGMENTED_SINCE_MAJOR) {
      const problem = `PostgreSQL ${source.postgresMajor} reads the whole table for each segment of it`;
      findings.push(finding(plan, 'error', at('format'), problem, 'Write auto or custom'));
    }
    if (dump.workers !== undefined && dumpFormat({ dump, source }) !== 'segmented') {
      const problem = 'Only a segmented dump has workers';
      findings.push(finding(plan, 'warning', at('workers'), problem, 'Remove it, or set `format: segmented`'));
    }
    if (level !== undefined && level > MOST_GZIP_LEVEL && method !== 'zstd') {
      const problem = method === 'gzip' ? 'gzip knows levels up to 9' : 'auto may become gzip, which knows levels up to 9';
      findings.push(finding(plan, 'error', at('compression', 'level'), problem, 'Write 9 or less, or `method: zstd`'));
    }
    return findings;
  });

export const checkRestoreLogin: Rule = (plan) =>
  postgresAssets(plan).flatMap(({ asset: { source, restore }, path }) => {
    if (restore === undefined) {
      const problem = 'Restores log in with the secret of the dump, whose role should only read, and leave out owners and privileges';
      const fix = 'Add `restore: { secret: <name> }` with a role that may create databases and give objects to their owners';
      return [finding(plan, 'warning', [...path, 'restore'], problem, fix)];
    }
    if (restore.secret !== source.secret) return [];
    const problem = 'Dumps and restores share a login: the one that only has to read may then create databases';
    return [finding(plan, 'warning', [...path, 'restore', 'secret'], problem, 'Name a secret with a role of its own')];
  });
