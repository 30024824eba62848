/** Transactions of a dump are open, and may be idle, for as long as it takes: the server's limits are for forgotten sessions. */
export const LIFT_TIME_LIMITS = `SELECT set_config(name, '0', false) FROM pg_settings
      WHERE name IN ('idle_in_transaction_session_timeout', 'statement_timeout', 'lock_timeout', 'transaction_timeout')`;
