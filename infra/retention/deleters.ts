import type { HandlerPath } from '../handlers.ts';

/** The functions that delete versions. The buckets' policies refuse everybody else. */
export const RETENTION_DELETERS = ['retention/expire-points', 'retention/sweep-attempts'] as const satisfies HandlerPath[];
