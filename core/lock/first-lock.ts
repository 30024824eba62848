/** Bytes are locked from their first second for as long as any run may take; lock extends it, and a killed dump can be swept. */
export const FIRST_LOCK_DAYS = 2;
