/** What doctor knows about a database before it judges: read in one read-only transaction, catalogs only, never a row of a table. */

export type Relation = { schema: string; name: string; kind: 'table' | 'sequence'; owner: string };

/** The role that dumps, or shall dump. Rights are those it has now; a role that does not exist yet has those of everybody. */
export type Reader = {
  name: string;
  exists: boolean;
  canLogin: boolean;
  isSuperuser: boolean;
  bypassesRls: boolean;
  readsAllData: boolean;
  canConnect: boolean;
  /** −1: no limit. */
  connectionLimit: number;
  validUntil: Date | undefined;
  /** CREATEROLE and the like, and pg_write_all_data: more than a dump needs. */
  excessAttributes: readonly string[];
  /** Tables into which this role may write. */
  writableTables: number;
};

export type SchemaFacts = {
  name: string;
  owner: string;
  /** Roles that own something in it, the schema's owner included: what they make later needs default privileges. */
  creators: readonly string[];
  /** Of those, the ones whose later tables or sequences the reader could not read. */
  creatorsWithoutDefaults: readonly string[];
  isUsable: boolean;
};

export type DatabaseFacts = {
  /** The server's own clock. */
  inspectedAt: Date;
  server: {
    versionNum: number;
    version: string;
    isInRecovery: boolean;
    /** −1: queries on the standby are never cancelled. */
    maxStandbyStreamingDelayMs: number;
    freeConnections: number;
    defaultReadOnly: boolean;
    /** Timeouts of the session that are not 0. */
    timeoutsMs: Readonly<Record<string, number>>;
  };
  connection: {
    user: string;
    tls: string | undefined;
    /** The server's process is not the one that whoever answered the login named. */
    isPooled: boolean;
    /** Poolers among the other sessions, by their application name. */
    poolers: readonly string[];
  };
  database: { name: string; encoding: string; sizeBytes: number };
  reader: Reader;
  schemas: readonly SchemaFacts[];
  /** Tables and sequences that a dump reads and this role may not. */
  unreadable: readonly Relation[];
  /** Tables whose row-level security applies to this role, forced or not. */
  rowSecurity: readonly Relation[];
  largeObjects: {
    total: number;
    owners: readonly { owner: string; objects: number; unreadable: number }[];
    /** Object ids, ascending. */
    unreadable: readonly string[];
    /** Owners whose later large objects the reader could read by default privileges (PostgreSQL 18). */
    ownersWithDefaults: readonly string[];
  };
  content: {
    extensions: readonly { name: string; version: string }[];
    unloggedTables: number;
    subscriptions: number;
    userMappings: number;
    /** Transactions that hold a lock which a dump waits for, older than five minutes, and prepared ones of any age. */
    blockingTransactions: number;
    preparedTransactions: number;
  };
};

export const majorOf = (versionNum: number) => Math.floor(versionNum / 10_000);
