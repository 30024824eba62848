/** Everything that stands in the way of replacing a database, found before anything is touched, each with what to do. Pure. */
import type { Obstacle } from './find-obstacles.ts';
import { nameSome } from './find-obstacles.ts';
import type { Space } from './space-needs.ts';
import { quoteIdentifier, quoteLiteral } from './sql-names.ts';
import type { RestoreTarget } from './target.ts';

export type DatabaseUse = {
  /** Sessions that the login cannot end; those that it can are ended. */
  stubborn: { processId: string; role: string; isSuperuser: boolean; application: string }[];
  slots: { name: string; isActive: boolean }[];
  prepared: { transaction: string; owner: string }[];
  subscriptions: { name: string; isEnabled: boolean }[];
};

export type ReplacedDatabase = {
  name: string;
  owner: string;
  isOwned: boolean;
  mayGive: boolean;
  allowsConnections: boolean;
  isTemplate: boolean;
  closedBy: string | undefined;
};

export type Replacement = {
  target: Exclude<RestoreTarget, 'beside'>;
  login: string;
  isSuperuser: boolean;
  mayCreateDatabase: boolean;
  database: ReplacedDatabase | undefined;
  /** Its name is asked for where there is no such database. */
  name: string;
  use: DatabaseUse;
  /** Bytes that the restore needs on the server, and what is free there; undefined where nobody can say. */
  space: Space | undefined;
};

const mib = (bytes: number) => `${Math.ceil(bytes / 1024 ** 2)} MiB`;

export function findReplaceObstacles(replacement: Replacement): Obstacle[] {
  const { target, login, isSuperuser, mayCreateDatabase, database, name, use, space } = replacement;
  if (database === undefined)
    return [
      {
        what: `there is no database ${JSON.stringify(name)} on this server that could be replaced`,
        fix: `Name the one that is meant (\`--to\`), or restore beside: --target beside --to ${name}`,
      },
    ];
  const obstacles: Obstacle[] = [];
  const stands = (what: string, fix: string) => obstacles.push({ what, fix });
  const quoted = quoteIdentifier(name);
  const role = quoteIdentifier(login);
  const owner = quoteIdentifier(database.owner);
  const renames = target !== 'clean-replay';

  if (!database.isOwned && !isSuperuser)
    stands(`${login} may not do what the owner of the database, ${database.owner}, may`, `GRANT ${owner} TO ${role}`);
  else if (renames && !database.mayGive && !isSuperuser)
    stands(`${login} may not give the new database to its owner, ${database.owner}`, `GRANT ${owner} TO ${role} WITH SET TRUE`);
  if (renames && !mayCreateDatabase && !isSuperuser)
    stands(`the role ${login} may neither create nor rename a database`, `ALTER ROLE ${role} CREATEDB`);
  if (database.isTemplate) stands(`${JSON.stringify(name)} is a template`, `ALTER DATABASE ${quoted} IS_TEMPLATE false`);
  if (!database.allowsConnections && database.closedBy === undefined)
    stands(
      `somebody has closed the database ${JSON.stringify(name)} to all connections`,
      `Find out why; then ALTER DATABASE ${quoted} ALLOW_CONNECTIONS true`,
    );
  for (const { processId, role: of, isSuperuser: isTheirs, application } of use.stubborn)
    stands(
      `${login} may not end the session ${processId} of ${of}${isTheirs ? ', a superuser' : ''}${application === '' ? '' : ` (${application})`}`,
      isTheirs
        ? `End it as a superuser: SELECT pg_terminate_backend(${processId})`
        : `GRANT pg_signal_backend TO ${role}, or end it: SELECT pg_terminate_backend(${processId})`,
    );
  if (renames)
    for (const { name: slot, isActive } of use.slots)
      stands(
        `the replication slot ${slot} reads the database${isActive ? ', and somebody is connected to it' : ''}: it would go on with the old one, which cannot be dropped with it`,
        `Stop its consumer and SELECT pg_drop_replication_slot(${quoteLiteral(slot).trim()}); make it again after the restore`,
      );
  for (const { transaction, owner: of } of use.prepared)
    stands(
      `the prepared transaction ${JSON.stringify(transaction)} of ${of} is open`,
      `COMMIT PREPARED or ROLLBACK PREPARED ${quoteLiteral(transaction).trim()} in the database`,
    );
  const subscriptions = use.subscriptions.filter(({ isEnabled }) => isEnabled || target === 'drop-and-create').map((one) => one.name);
  if (subscriptions.length > 0 && target === 'drop-and-create')
    stands(
      `PostgreSQL drops no database that has subscriptions, and it has ${nameSome(subscriptions)}`,
      `In it, each: ${subscriptions.slice(0, 1).map(dropSubscriptionSql).join()}; make it again after the restore. With --target in-place it is enough to disable it`,
    );
  else if (subscriptions.length > 0)
    stands(
      `the subscriptions ${nameSome(subscriptions)} of the database receive changes`,
      `ALTER SUBSCRIPTION ${nameSome(subscriptions.map(quoteIdentifier))} DISABLE, each, until the restore is done`,
    );
  if (space !== undefined && space.freeBytes < space.neededBytes)
    stands(
      `the restore needs ${mib(space.neededBytes)} on the server, and of the disk that the plan names (\`restore.volumeGiB\`) ${mib(space.freeBytes)} are left`,
      target === 'in-place'
        ? 'Give the server more disk, or restore with --target drop-and-create, which keeps no second copy'
        : 'Give the server more disk',
    );
  return obstacles;
}

/** In its own database; the publisher is not asked, and keeps its slot. */
export function dropSubscriptionSql(name: string): string {
  const quoted = quoteIdentifier(name);
  return `ALTER SUBSCRIPTION ${quoted} DISABLE; ALTER SUBSCRIPTION ${quoted} SET (slot_name = NONE); DROP SUBSCRIPTION ${quoted}`;
}
