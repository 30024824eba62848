/** What reads keys where they are in use: secrets and parameters of the home region, each by its own name. */
import { placeOf } from '../../core/escrow/key-place.ts';
import type { KeySources } from '../../core/escrow/key-sources.ts';
import { readSecrets } from '../grants.ts';
import type { Statement } from '../policy.ts';
import { arn, secretArns, type System } from '../system.ts';

const namesIn = (system: System, store: 'secret' | 'parameter'): string[] =>
  system.keyAssets.map(({ source }) => placeOf(source)).flatMap((place) => (place.store === store ? [place.name] : []));

/** Of a name that is a path the slash is part of the ARN already. */
const parameterArns = (system: System) =>
  [...new Set(namesIn(system, 'parameter'))].map((name) => arn(system.home, 'ssm', `parameter/${name.replace(/^\//, '')}`));

/** Whether a version that cannot be read is one without a value, or gone. */
export function seeSecretVersions(system: System): Statement[] {
  const secrets = namesIn(system, 'secret');
  return secrets.length === 0 ? [] : readSecrets('SeeVersions', system, secrets, ['secretsmanager:ListSecretVersionIds']).slice(0, 1);
}

/** The ids of versions. Of a parameter that is no SecureString its value comes with them. */
export function listSources(system: System): Statement[] {
  const [secrets, parameters] = [namesIn(system, 'secret'), parameterArns(system)];
  return [
    ...seeSecretVersions(system),
    ...seeWhetherDeleted(system, secrets),
    ...(parameters.length === 0 ? [] : [{ sid: 'SeeParameterVersions', actions: ['ssm:GetParameterHistory'], resources: parameters }]),
  ];
}

/** Why a secret cannot be read: that it is deleted, or that there is none, and not that a role lacks a right. */
const seeWhetherDeleted = (system: System, secrets: string[]): Statement[] =>
  secrets.length === 0
    ? []
    : [
        {
          sid: 'SeeWhetherDeleted',
          actions: ['secretsmanager:DescribeSecret'],
          resources: [...new Set(secrets.flatMap((secret) => secretArns(system.home, secret)))],
          why: 'Secrets Manager ends the ARN of a secret with six random characters.',
        },
      ];

export function readSources(system: System): Statement[] {
  const [secrets, parameters] = [namesIn(system, 'secret'), parameterArns(system)];
  return [
    ...(secrets.length === 0 ? [] : readSecrets('ReadKeys', system, secrets, ['secretsmanager:GetSecretValue'])),
    ...seeWhetherDeleted(system, secrets),
    ...(parameters.length === 0
      ? []
      : [
          { sid: 'ReadParameters', actions: ['ssm:GetParameter'], resources: parameters },
          {
            sid: 'ReadParametersKey',
            actions: ['kms:Decrypt'],
            resources: [arn(system.home, 'kms', 'key/*')],
            conditions: {
              StringEquals: {
                'kms:ViaService': `ssm.${system.home.region}.amazonaws.com`,
                'kms:EncryptionContext:PARAMETER_ARN': parameters,
              },
            },
            why: 'The plan names the parameter, not the key that it is encrypted under: the condition allows no other parameter.',
          },
        ]),
  ];
}

/** The variable `KEYS`. */
export const keySources = (system: System): string =>
  JSON.stringify(Object.fromEntries(system.keyAssets.map((k) => [k.id, k.source])) satisfies KeySources);
