/**
 * What is said of approvals is one function's word each, and its signature. What home's roles copy to the replica has other names there
 * than what the second region's own restore reads.
 */
import {
  approvalAuthorKey,
  approvalKey,
  approvalPapersPrefix,
  approvalRequestKey,
  askedKey,
  tokenKey,
} from '../../core/approval/records.ts';
import { signatureKey } from '../../core/vault/keys.ts';
import type { HandlerPath } from '../handlers.ts';
import type { ResourceStatement } from '../policy.ts';
import { ANY_RUN } from '../run-pattern.ts';
import type { System } from '../system.ts';

/** Numbers have one digit or two. */
export const decisionPatterns = ({ name, side }: System) => ['?', '??'].map((n) => approvalKey(name, ANY_RUN, n, side));
export const requestPattern = ({ name, side }: System) => approvalRequestKey(name, ANY_RUN, side);
export const authorPattern = ({ name, side }: System) => approvalAuthorKey(name, ANY_RUN, side);
export const tokenPattern = ({ name }: System) => tokenKey(name, ANY_RUN, '???', '*');

/** @param system whose home is the region of the bucket */
export function onlyApprovalsApprove(bucket: string, system: System): ResourceStatement[] {
  const roles = (...handlers: HandlerPath[]) => handlers.map((handler) => system.roleArn(system.functionRole(handler)));
  const only = (sid: string, action: string, keys: string[], arns: string[]): ResourceStatement => ({
    sid,
    effect: 'Deny',
    principal: '*',
    actions: [action],
    resources: keys.map((key) => `${bucket}/${key}`),
    conditions: { ArnNotLike: { 'aws:PrincipalArn': arns } },
  });
  const write = (sid: string, keys: string[], handler: HandlerPath) => [
    only(sid, 's3:PutObject', keys, roles(handler)),
    only(`${sid}Signed`, 's3:PutObject', keys.map(signatureKey), roles('evidence/sign-objects')),
  ];
  return [
    ...write('OnlyDecisionsDecide', decisionPatterns(system), 'approval/decide'),
    ...write('OnlyRequestsRequest', [requestPattern(system)], 'approval/write-request'),
    ...write('OnlyTheTrailNames', [authorPattern(system)], 'approval/confirm-decisions'),
    only('OnlyTheSignedCallAsks', 's3:PutObject', [askedKey(system.name, '*')], roles('approval/take-request')),
    only('OnlyTheMachineWaits', 's3:PutObject', [tokenPattern(system)], roles('approval/ask-approvers')),
    only(
      'OnlyDecisionsWake',
      's3:GetObject',
      [`${approvalPapersPrefix(system.name)}tokens/*`],
      [...roles('approval/ask-approvers', 'approval/decide'), system.roleArn(system.humanRole('break-glass'))],
    ),
  ];
}
