import type { HandlerPath } from '../handlers.ts';

/** The functions of the home region that copy what a point is of into the replica: they put and lock there, and look at what they put. */
export const UPLOADERS = ['copy/plan-copy', 'copy/copy-parts', 'copy/complete-copy'] as const satisfies readonly HandlerPath[];
/** Those that copy records, of which some come long after the point. */
export const RECORD_COPIERS = ['copy/copy-records', 'copy/follow-record', 'copy/follow-missing'] as const satisfies readonly HandlerPath[];
export const COPIERS = [...UPLOADERS, ...RECORD_COPIERS] as const satisfies readonly HandlerPath[];
