/** A login to a server that is in none of the databases which are about to be renamed or dropped. */
import type { SourceLogin } from '../../../adapters/postgres/source.ts';
import { TargetUnfit } from '../errors.ts';
import { connectToTarget } from '../target.ts';

/** Every server has one of them; nobody is meant to keep anything in them. */
const USUAL = ['postgres', 'rdsadmin', 'defaultdb', 'template1'];

/** @param avoid names of databases; throws TargetUnfit when the login may enter no other one */
export async function loginBeside(login: SourceLogin, applicationName: string, avoid: readonly string[]): Promise<SourceLogin> {
  const candidates = [...new Set([login.database, ...USUAL])].filter((name) => !avoid.includes(name));
  let refused: unknown;
  for (const database of candidates) {
    try {
      await (await connectToTarget({ ...login, database }, applicationName)).end();
      return { ...login, database };
    } catch (error) {
      // A server that is not there is not there for any database of it.
      if (!(error instanceof TargetUnfit) || error.failure !== 'TargetRefused') throw error;
      refused ??= error;
    }
  }
  throw new TargetUnfit(
    'TargetRefused',
    `${login.user} may enter none of the databases ${candidates.join(', ')}, and a database is renamed or dropped from another one`,
    'GRANT CONNECT ON DATABASE postgres TO the role, or name another database in `dbname` of its secret',
    { cause: refused },
  );
}
