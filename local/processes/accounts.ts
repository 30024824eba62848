/** The account that a server runs as when this process is root, which PostgreSQL refuses to be. */
import { readFileSync } from 'node:fs';

export type Account = { uid: number; gid: number };

/** `initdb` wants an account that has a name. In order of preference. */
const ACCOUNTS = ['postgres', 'nobody', 'daemon'];

/** Undefined when this process is not root: it needs no other account, and could not take one. */
export function serverAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const known = readAccounts();
  return ACCOUNTS.map((name) => known.get(name)).find((account) => account !== undefined);
}

export function readAccounts(): Map<string, Account> {
  const lines = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  return new Map(lines.flatMap(([name, , uid, gid]) => (name && uid && gid ? [[name, { uid: Number(uid), gid: Number(gid) }]] : [])));
}
