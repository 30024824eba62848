/** Whether the account's trails tell EventBridge what happens to keys and secrets of a region. Pure. */
import type { Finding } from '../plan/finding.ts';

/** What CloudTrail says of one trail; `selectors` undefined: it would not say. */
export type TrailFacts = { name: string; isLogging: boolean; selectors: readonly TrailSelector[] | undefined };
/** Of the classic form and of the advanced one, in one. */
export type TrailSelector = { hasManagement: boolean; hasWrites: boolean; leavesOut: readonly string[] };

const KMS = 'kms.amazonaws.com';
const SECRETS = 'secretsmanager.amazonaws.com';

/** @param hasSecrets whether keys of the plan stand in Secrets Manager there */
export function judgeTrails(region: string, trails: readonly TrailFacts[], hasSecrets: boolean): Finding[] {
  const logging = trails.filter(({ isLogging }) => isLogging);
  const records = (source: string) =>
    logging.some(({ selectors }) =>
      selectors?.some(({ hasManagement, hasWrites, leavesOut }) => hasManagement && hasWrites && !leavesOut.includes(source)),
    );
  const warning = (problem: string, fix: string, value = logging.map(({ name }) => name).join(', ') || 'none'): Finding[] => [
    { severity: 'warning', path: `trail in ${region}`, value, problem, fix },
  ];
  if (logging.length === 0)
    return warning(
      `No trail records what happens in this region, so that ${hasSecrets ? 'a rotation is only found by the daily run, and ' : ''}the end of a KMS key is only seen every five minutes and nobody knows by whom`,
      'Let a trail record management events there: EventBridge hears of calls only through one',
    );
  if (!records(KMS) && !records(SECRETS) && logging.every(({ selectors }) => selectors === undefined))
    return warning(
      'What the trail records could not be looked at',
      'Allow cloudtrail:GetEventSelectors, or look whether it records management events of writes',
    );
  return [
    ...(records(KMS)
      ? []
      : warning(
          'The trail leaves out the calls of KMS',
          'Take kms.amazonaws.com out of what the trail excludes: reads of KMS may stay out, writes are few',
        )),
    ...(records(SECRETS) || !hasSecrets
      ? []
      : warning(
          'The trail leaves out the calls of Secrets Manager, so that a rotation is only found by the daily run',
          'Let the trail record management events of writes',
        )),
  ];
}
