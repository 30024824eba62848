/** From recorded requests to what IAM is asked. */
import { stateMachineName } from '../../core/names.ts';
import { ACCOUNT } from '../infra/synthesized.ts';
import { inAccount, type Asked } from './asked.ts';
import type { RecordedRequest } from './recording-door.ts';
import { s3Asks } from './s3-actions.ts';

export type Deployed = {
  /** Account that the emulator holds the system in. */
  account: string;
  /** Alias of a key by its id, of every region. */
  aliasOfKey: ReadonlyMap<string, string>;
  /** Buckets whose objects are encrypted under the key of that region's vault, with that region. */
  encrypted: ReadonlyMap<string, { region: string; alias: string }>;
};

export function asksOf(request: RecordedRequest, deployed: Deployed): Asked[] {
  const role = request.roleArn.split('/').at(-1) ?? '';
  const make = (action: string, resource: string, context: Asked['context'] = {}, region = request.region): Asked => ({
    role,
    action,
    resource: resource.replaceAll(deployed.account, ACCOUNT),
    region,
    context: inAccount({ 's3:TlsVersion': '1.3', ...context }, deployed.account),
  });
  const { service, region, headers } = request;
  const arn = (rest: string) => `arn:aws:${service}:${region}:${deployed.account}:${rest}`;
  if (service === 's3') return s3Requests(request, deployed, make);
  const target = headers['x-amz-target'] as string | undefined;
  const operation = target?.split('.').at(-1) ?? new URLSearchParams(request.body).get('Action') ?? '';
  const fields = (target === undefined ? Object.fromEntries(new URLSearchParams(request.body)) : JSON.parse(request.body)) as Fields;
  const action = `${service}:${operation}`;
  switch (service) {
    case 'kms':
      return [kmsRequest(action, fields, request, deployed, make)];
    case 'secretsmanager': {
      const id = String(fields['SecretId']);
      return [make(action, id.startsWith('arn:') ? id : arn(`secret:${id}-AbCdEf`))];
    }
    case 'states':
      // A token does not say whose it is: only restores wait for one.
      if (fields['taskToken'] !== undefined) return [make(action, arn(`stateMachine:${waitingMachine(role)}`))];
      return [make(action, String(fields['executionArn'] ?? fields['stateMachineArn']))];
    case 'sns':
      return [make(action, String(fields['TopicArn']))];
    default:
      throw new Error(`No right is known for ${action || request.url.pathname} of ${service}: say in read-requests.ts what it needs`);
  }
}

type Fields = Record<string, unknown>;
type Make = (action: string, resource: string, context?: Asked['context'], region?: string) => Asked;

function s3Requests(request: RecordedRequest, { encrypted }: Deployed, make: Make): Asked[] {
  return s3Asks(request).flatMap(({ action, bucket, key, context, kms = [], isOptional }) => {
    const bucketArn = `arn:aws:s3:::${bucket}`;
    const asked = make(action, key === undefined ? bucketArn : `${bucketArn}/${key}`, context);
    const its = encrypted.get(bucket);
    const throughS3 = its && {
      'kms:ViaService': `s3.${its.region}.amazonaws.com`,
      'kms:EncryptionContext:aws:s3:arn': bucketArn,
      'kms:EncryptionContextKeys': ['aws:s3:arn'],
      'kms:ResourceAliases': [its.alias],
    };
    return [
      { ...asked, ...(isOptional ? { isOptional } : {}) },
      ...(its ? kms.map((use) => make(use, keyArn(its.region, its.alias), throughS3, its.region)) : []),
    ];
  });
}

function kmsRequest(action: string, fields: Fields, request: RecordedRequest, { aliasOfKey }: Deployed, make: Make): Asked {
  const named = String(fields['KeyId']);
  const id = named.split(/[:/]key\//).at(-1) ?? '';
  const alias = /alias\/.*$/.exec(named)?.[0] ?? aliasOfKey.get(id);
  if (alias === undefined) throw new Error(`${action} of the key ${named}, which has no alias`);
  const encryption = (fields['EncryptionContext'] ?? {}) as Record<string, string>;
  return make(action, keyArn(request.region, alias), {
    'kms:ResourceAliases': [alias],
    ...(Object.keys(encryption).length === 0 ? {} : { 'kms:EncryptionContextKeys': Object.keys(encryption) }),
    ...Object.fromEntries(Object.entries(encryption).map(([name, value]) => [`kms:EncryptionContext:${name}`, value])),
  });
}

/** Keys are told apart by their alias: the id of a deployed one says nothing about the template that made it. */
const keyArn = (region: string, alias: string) => `arn:aws:kms:${region}:${ACCOUNT}:key/${alias.split('/').at(-1)}`;

function waitingMachine(role: string): string {
  const [, system = ''] = /^holdfast-(.+?)-approval-/.exec(role) ?? [];
  return stateMachineName(system, 'restore', role.endsWith('-replica') ? 'replica' : 'vault');
}
