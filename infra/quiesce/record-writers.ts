import { restorePaperKey } from '../../core/vault/keys.ts';
import type { HandlerPath } from '../handlers.ts';
import type { ResourceStatement } from '../policy.ts';
import { ANY_RUN } from '../run-pattern.ts';
import type { System } from '../system.ts';

/**
 * What was stopped is put back as its papers say, and a restore is well as its probes say: each is the word of the functions that do it,
 * and not of a task that logs in to a database. In the second region nothing is stopped.
 */
export function onlyTheirOwnPapers(bucket: string, { name, side, ...system }: System): ResourceStatement[] {
  if (side === 'replica') return [];
  const only = (sid: string, paper: string, handlers: HandlerPath[]): ResourceStatement => ({
    sid,
    effect: 'Deny',
    principal: '*',
    actions: ['s3:PutObject'],
    resources: [`${bucket}/${restorePaperKey(name, '*', ANY_RUN, paper)}`],
    conditions: { ArnNotLike: { 'aws:PrincipalArn': handlers.map((handler) => system.roleArn(system.functionRole(handler))) } },
  });
  return [
    only('OnlyWhatStopsRemembers', 'quiesce-*', ['quiesce/stop', 'quiesce/start']),
    only('OnlyProbesSayWhatAnswers', 'probed', ['validation/probe']),
  ];
}
