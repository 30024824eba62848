import { signatureKey } from '../../core/vault/keys.ts';
import { signOffKey, tickPattern } from '../../core/sign-off/records.ts';
import type { HandlerPath } from '../handlers.ts';
import type { ResourceStatement } from '../policy.ts';
import { ANY_RUN } from '../run-pattern.ts';
import type { System } from '../system.ts';

/**
 * By a sign-off a database is dropped, so that it is one function's word, and its signature. In the second region nothing is dropped, and
 * what home's roles copy there has the same names.
 */
export function onlyPeopleSignOff(bucket: string, { name, side, ...system }: System): ResourceStatement[] {
  if (side === 'replica') return [];
  const only = (sid: string, keys: string[], handler: HandlerPath): ResourceStatement => ({
    sid,
    effect: 'Deny',
    principal: '*',
    actions: ['s3:PutObject'],
    resources: keys.map((key) => `${bucket}/${key}`),
    conditions: { ArnNotLike: { 'aws:PrincipalArn': [system.roleArn(system.functionRole(handler))] } },
  });
  const word = signOffKey(name, ANY_RUN);
  return [
    only('OnlyPeopleTickAndSignOff', [word, tickPattern(name, ANY_RUN)], 'sign-off/take-word'),
    only('OnlyPeopleSignOffSigned', [signatureKey(word)], 'evidence/sign-objects'),
  ];
}
