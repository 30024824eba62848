/** Bytes are locked from their first second for as long as any run may take; lock extends it, and a killed dump can be swept. */
export const FIRST_LOCK_DAYS = 2;

/** Keys are kept for ever: a lock of two years, to be renewed before fewer than 400 days are left. */
export const ESCROW_LOCK_DAYS = 731;
