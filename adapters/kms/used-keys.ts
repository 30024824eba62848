import { DescribeKeyCommand, KMSClient, type KeyMetadata } from '@aws-sdk/client-kms';
import { DescribeSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { DescribeParametersCommand, SSMClient, type ParameterMetadata } from '@aws-sdk/client-ssm';
import type { KeyStore } from '../../core/escrow/key-place.ts';
import type { Used, UsedKey, UsedSource } from '../../core/watch/used.ts';
import { clientConfig, type AwsSettings } from '../aws/settings.ts';

const WORKING: readonly unknown[] = ['Enabled', 'Creating', 'Updating'];
/** Names in one filter of DescribeParameters. */
const NAMES_AT_ONCE = 50;
/** AWS's own keys: nobody can disable or delete one. */
const OF_AWS = /(?:^|:)alias\/aws\//;

export type UsedNames = { aliases: readonly string[]; secrets: readonly string[]; parameters: readonly string[] };

/**
 * What of one region the system uses, as it is now: its own KMS keys, by their aliases, the sources of the plan's keys, and the KMS
 * keys that these are encrypted under. What cannot be looked at is among it, with why.
 */
export async function readUsed(names: UsedNames, settings: AwsSettings): Promise<Used[]> {
  const clients = {
    kms: new KMSClient(clientConfig(settings)),
    secrets: new SecretsManagerClient(clientConfig(settings)),
    parameters: new SSMClient(clientConfig(settings)),
  };
  try {
    const own = names.aliases.map((alias) => describeKey(clients.kms, alias, { kind: 'key', alias }));
    const secrets = names.secrets.map((name) => describeSecret(clients, name));
    const parameters = chunks(names.parameters).map((some) => describeParameters(clients, some));
    return (await Promise.all([...own, ...secrets, ...parameters])).flat();
  } finally {
    for (const client of Object.values(clients)) client.destroy();
  }
}

type Clients = { kms: KMSClient; secrets: SecretsManagerClient; parameters: SSMClient };
type Named = Pick<UsedKey, 'kind' | 'alias' | 'encrypts'>;

async function describeKey(kms: KMSClient, KeyId: string, named: Named): Promise<UsedKey[]> {
  try {
    const { KeyMetadata: key } = await kms.send(new DescribeKeyCommand({ KeyId }));
    return [{ ...named, ...stateOf(key) }];
  } catch (error) {
    // That a role may not look is no sign of a key in danger; that there is no such key is.
    if (isNamed(error, 'NotFoundException')) return [{ ...named, state: 'gone' }];
    return [{ ...named, state: 'unseen', detail: nameOf(error) }];
  }
}

function stateOf(key: KeyMetadata | undefined): Pick<UsedKey, 'arn' | 'state' | 'endsAt' | 'detail'> {
  const { Arn: arn, KeyState: state, DeletionDate: endsAt } = key ?? {};
  const of = arn === undefined ? {} : { arn };
  if (arn === undefined || state === undefined) return { ...of, state: 'unseen', detail: 'KMS did not say' };
  if (WORKING.includes(state)) return { ...of, state: 'works' };
  if (state === 'Disabled') return { ...of, state: 'disabled' };
  if (state === 'PendingDeletion' || state === 'PendingReplicaDeletion')
    return { ...of, state: 'deletion-scheduled', ...(endsAt && { endsAt: endsAt.toISOString() }) };
  return { ...of, state: 'unusable', detail: state };
}

async function describeSecret({ kms, secrets }: Clients, name: string): Promise<Used[]> {
  const used = source('secret', name);
  try {
    const { KmsKeyId, DeletedDate } = await secrets.send(new DescribeSecretCommand({ SecretId: name }));
    return [
      DeletedDate ? { ...used, state: 'deletion-scheduled', since: DeletedDate.toISOString() } : { ...used, state: 'works' },
      ...(await keyOf(kms, used, KmsKeyId)),
    ];
  } catch (error) {
    return isNamed(error, 'ResourceNotFoundException') ? [{ ...used, state: 'gone' }] : unseen(used, error);
  }
}

/** By a filter: Parameter Store describes none by its name, and gives values to whoever asks for one. */
async function describeParameters({ kms, parameters }: Clients, names: readonly string[]): Promise<Used[]> {
  const found = new Map<string, ParameterMetadata>();
  try {
    let NextToken: string | undefined;
    do {
      const page = await parameters.send(
        new DescribeParametersCommand({
          ParameterFilters: [{ Key: 'Name', Option: 'Equals', Values: [...names] }],
          MaxResults: NAMES_AT_ONCE,
          NextToken,
        }),
      );
      for (const one of page.Parameters ?? []) if (one.Name !== undefined) found.set(one.Name, one);
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
  } catch (error) {
    return names.flatMap((name) => unseen(source('parameter', name), error));
  }
  const described = names.map(async (name): Promise<Used[]> => {
    const used = source('parameter', name);
    const parameter = found.get(name);
    if (!parameter) return [{ ...used, state: 'gone' }];
    return [{ ...used, state: 'works' }, ...(await keyOf(kms, used, parameter.KeyId))];
  });
  return (await Promise.all(described)).flat();
}

const source = (store: KeyStore, name: string): Pick<UsedSource, 'kind' | 'source'> => ({ kind: 'source', source: { store, name } });

/** Where the source cannot be looked at, neither can its key be. */
function unseen(used: Pick<UsedSource, 'kind' | 'source'>, error: unknown): Used[] {
  const detail = nameOf(error);
  return [
    { ...used, state: 'unseen', detail },
    { kind: 'key', encrypts: used.source, state: 'unseen', detail },
  ];
}

/** @param id undefined for what is encrypted under AWS's own key, or not at all */
async function keyOf(kms: KMSClient, used: Pick<UsedSource, 'source'>, id: string | undefined): Promise<UsedKey[]> {
  if (id === undefined || OF_AWS.test(id)) return [];
  const [alias] = /alias\/.+$/.exec(id) ?? [];
  return describeKey(kms, id, { kind: 'key', encrypts: used.source, ...(alias === undefined ? {} : { alias }) });
}

const chunks = (names: readonly string[]): string[][] =>
  Array.from({ length: Math.ceil(names.length / NAMES_AT_ONCE) }, (_, i) => names.slice(i * NAMES_AT_ONCE, (i + 1) * NAMES_AT_ONCE));

const nameOf = (error: unknown) => (error instanceof Error ? error.name : 'an unknown error');
const isNamed = (error: unknown, name: string) => error instanceof Error && error.name === name;
