export { FIRST_LOCK_DAYS } from '../../core/lock/first-lock.ts';
export { ESCROW_LOCK_DAYS } from '../../core/escrow/renewal.ts';
