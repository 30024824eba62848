import type { Side } from '../../core/names.ts';
import type { HandlerPath } from '../handlers.ts';

/** What copies the evidence of a run, by the vault that it is written to: the replica is the copy, and works without the other region. */
export const COPIES: Record<Side, readonly HandlerPath[]> = { vault: ['copy/copy-records'], replica: [] };
