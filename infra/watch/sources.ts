/** The secrets and parameters that the plan's keys are in use from, and what is logged in with, for those who look whether they are there. */
import { placeOf, type KeyStore } from '../../core/escrow/key-place.ts';
import type { Login } from '../../core/watch/logins.ts';
import type { Statement } from '../policy.ts';
import { arn, secretArns, type System } from '../system.ts';

/** Whether the sources are there, and the states of the keys that they are encrypted under. Never a value. */
export function lookAtSources(system: System): Statement[] {
  const { home } = system;
  const { secrets, parameters } = namesOfSources(system);
  if (secrets.length + parameters.length === 0) return [];
  return [
    ...(secrets.length === 0
      ? []
      : [
          {
            sid: 'SeeSecrets',
            actions: ['secretsmanager:DescribeSecret'],
            resources: secrets.flatMap((secret) => secretArns(home, secret)),
            why: 'Secrets Manager ends the ARN of a secret with six random characters.',
          },
        ]),
    ...(parameters.length === 0
      ? []
      : [
          {
            sid: 'SeeParameters',
            actions: ['ssm:DescribeParameters'],
            resources: ['*'],
            why: 'Parameter Store grants the list of parameters, which has names and keys and no value, for an account or not at all.',
          },
        ]),
    lookAtTheirKeys(system),
  ];
}

const LOOK_AT_ANY_KEY = 'LookAtTheKeysOfSources';

const lookAtTheirKeys = ({ home }: System): Statement => ({
  sid: LOOK_AT_ANY_KEY,
  actions: ['kms:DescribeKey'],
  resources: [arn(home, 'kms', 'key/*')],
  why: 'The plan names secrets and parameters, not their keys: which these are only the services say; and a key that an alias named before has no name. The state of a key is no secret.',
});

/** @param beside what the same role is given already */
export const lookAtAnyKey = (system: System, beside: readonly Statement[]): Statement[] =>
  beside.some(({ sid }) => sid === LOOK_AT_ANY_KEY) ? [] : [lookAtTheirKeys(system)];

/** So many a role's policies have room for. */
const NAMED_LOGINS = 24;

/** @param beside what `lookAtSources` gives the same role */
export function lookAtLogins(system: System, logins: readonly Login[], beside: readonly Statement[]): Statement[] {
  if (logins.length === 0) return [];
  const isNamed = logins.length <= NAMED_LOGINS;
  return [
    {
      sid: 'SeeLogins',
      actions: ['secretsmanager:DescribeSecret'],
      resources: isNamed
        ? logins.flatMap(({ secret }) => secretArns(system.home, secret))
        : [arn(system.home, 'secretsmanager', 'secret:*')],
      why: isNamed
        ? 'Secrets Manager ends the ARN of a secret with six random characters.'
        : 'A policy has no room for the names of so many secrets. What is seen of one is its name, its dates and its key, and no value.',
    },
    ...lookAtAnyKey(system, beside),
  ];
}

type Sources = { secrets: string[]; parameters: string[] };

/** Where the plan's keys are in use, which is at home. */
export function namesOfSources(system: System): Sources {
  const places = system.side === 'replica' ? [] : system.keyAssets.map(({ source }) => placeOf(source));
  const inStore = (store: KeyStore) => [...new Set(places.flatMap((place) => (place.store === store ? [place.name] : [])))];
  return { secrets: inStore('secret'), parameters: inStore('parameter') };
}
