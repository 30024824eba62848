/** Sessions of a restore that wait for locks of others: how long, as far as looks from time to time can tell. Pure. */

export type LockWait = {
  /** The server's process that waits. */
  process: number;
  /** Those that it waits for, of others. Zero is a prepared transaction. */
  holders: number[];
};

/** Keeps since when each process has been seen waiting at every look. */
export class LockWaits {
  #since = new Map<number, number>();

  /** @returns the one that waits longest, and for how long */
  look(waits: readonly LockWait[], nowMilliseconds: number): { wait: LockWait; milliseconds: number } | undefined {
    this.#since = new Map(waits.map(({ process }) => [process, this.#since.get(process) ?? nowMilliseconds]));
    const [longest] = waits
      .map((wait) => ({ wait, milliseconds: nowMilliseconds - (this.#since.get(wait.process) ?? nowMilliseconds) }))
      .toSorted((a, b) => b.milliseconds - a.milliseconds);
    return longest;
  }
}

/**
 * Processes that wait for locks of sessions which do not bear the restore's name. Those that restores wait for among each other have a
 * bound of their own. Those in another database are of another restore, which may have ended: a session that waits does not notice.
 */
export const LOCK_WAITS = `SELECT a.pid::text AS process, pg_catalog.string_agg(b.pid::text, ',') AS holders
  FROM pg_catalog.pg_stat_activity a, LATERAL pg_catalog.unnest(pg_catalog.pg_blocking_pids(a.pid)) b (pid)
    LEFT JOIN pg_catalog.pg_stat_activity o ON o.pid = b.pid
  WHERE a.application_name = pg_catalog."left"($1, 63) AND a.usename = current_user AND a.wait_event_type = 'Lock'
    AND a.datname IN ($2, pg_catalog.current_database()) AND a.wait_event <> 'advisory' AND o.application_name IS DISTINCT FROM a.application_name
  GROUP BY a.pid`;

export const readLockWaits = (rows: readonly { process: string; holders: string }[]): LockWait[] =>
  rows.map(({ process, holders }) => ({ process: Number(process), holders: holders.split(',').map(Number) }));
