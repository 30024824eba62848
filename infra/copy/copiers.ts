import type { HandlerPath } from '../handlers.ts';

/** The functions of the home region that copy what a point is of into the replica: they put and lock there, and look at what they put. */
export const UPLOADERS = ['copy/plan-copy', 'copy/copy-parts', 'copy/complete-copy'] as const satisfies readonly HandlerPath[];
/** With those that copy records. */
export const COPIERS = [
  ...UPLOADERS,
  'copy/copy-records',
  'copy/follow-record',
  'copy/follow-missing',
] as const satisfies readonly HandlerPath[];
