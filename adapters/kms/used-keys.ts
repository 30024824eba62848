import { DescribeKeyCommand, KMSClient, type KeyMetadata } from '@aws-sdk/client-kms';
import { DescribeSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { DescribeParametersCommand, SSMClient, type ParameterMetadata } from '@aws-sdk/client-ssm';
import type { KeyStore } from '../../core/escrow/key-place.ts';
import type { FormerKey } from '../../core/watch/former-keys.ts';
import type { Login } from '../../core/watch/logins.ts';
import type { Used, UsedKey, UsedSource } from '../../core/watch/used.ts';
import { clientConfig, type AwsSettings } from '../aws/settings.ts';

const WORKING: readonly unknown[] = ['Enabled', 'Creating', 'Updating'];
/** Names in one filter of DescribeParameters. */
const NAMES_AT_ONCE = 50;
/** AWS's own keys: nobody can disable or delete one. */
const OF_AWS = /(?:^|:)alias\/aws\//;

export type UsedNames = {
  aliases: readonly string[];
  secrets: readonly string[];
  parameters: readonly string[];
  logins?: readonly Login[] | undefined;
};

/**
 * What of one region the system uses, as it is now: its own KMS keys, by their aliases, the sources of the plan's keys, what it logs
 * in with, and the KMS keys that these are encrypted under. What cannot be looked at is among it, with why.
 */
export async function readUsed(names: UsedNames, settings: AwsSettings): Promise<Used[]> {
  const services = {
    kms: new KMSClient(clientConfig(settings)),
    secrets: new SecretsManagerClient(clientConfig(settings)),
    parameters: new SSMClient(clientConfig(settings)),
  };
  const clients = { ...services, states: new Map() };
  try {
    const own = names.aliases.map((alias) => describeKey(clients, alias, { kind: 'key', alias }));
    const secrets = names.secrets.map((name) => describeSecret(clients, source('secret', name)));
    const logins = (names.logins ?? []).map((login) => describeLogin(clients, login));
    const parameters = chunks(names.parameters).map((some) => describeParameters(clients, some));
    return (await Promise.all([...own, ...secrets, ...parameters, ...logins])).flat();
  } finally {
    for (const client of Object.values(services)) client.destroy();
  }
}

/** Keys that no alias names any more, by their ARNs. One that is gone is left out: what hung on it can be had back no more. */
export async function readFormer(former: readonly FormerKey[], settings: AwsSettings): Promise<UsedKey[]> {
  const kms = new KMSClient(clientConfig(settings));
  try {
    const looked = former.map(async ({ alias, arn }): Promise<UsedKey> => {
      return { kind: 'key', formerAlias: alias, arn, ...(await askForKey(kms, arn)) };
    });
    return (await Promise.all(looked)).filter(({ state }) => state !== 'gone');
  } finally {
    kms.destroy();
  }
}

type KeyStateOf = Pick<UsedKey, 'arn' | 'state' | 'endsAt' | 'detail'>;
/** `states`: many secrets have one key, which is asked for once. */
type Clients = { kms: KMSClient; secrets: SecretsManagerClient; parameters: SSMClient; states: Map<string, Promise<KeyStateOf>> };
type Named = Pick<UsedKey, 'kind' | 'alias' | 'encrypts'>;

async function describeKey({ kms, states }: Clients, id: string, named: Named): Promise<UsedKey[]> {
  const state = states.get(id) ?? askForKey(kms, id);
  states.set(id, state);
  return [{ ...named, ...(await state) }];
}

async function askForKey(kms: KMSClient, KeyId: string): Promise<KeyStateOf> {
  try {
    const { KeyMetadata: key } = await kms.send(new DescribeKeyCommand({ KeyId }));
    return stateOf(key);
  } catch (error) {
    // That a role may not look is no sign of a key in danger; that there is no such key is.
    return isNamed(error, 'NotFoundException') ? { state: 'gone' } : { state: 'unseen', detail: nameOf(error) };
  }
}

function stateOf(key: KeyMetadata | undefined): KeyStateOf {
  const { Arn: arn, KeyState: state, DeletionDate: endsAt } = key ?? {};
  const of = arn === undefined ? {} : { arn };
  if (arn === undefined || state === undefined) return { ...of, state: 'unseen', detail: 'KMS did not say' };
  if (WORKING.includes(state)) return { ...of, state: 'works' };
  if (state === 'Disabled') return { ...of, state: 'disabled' };
  if (state === 'PendingDeletion' || state === 'PendingReplicaDeletion')
    return { ...of, state: 'deletion-scheduled', ...(endsAt && { endsAt: endsAt.toISOString() }) };
  return { ...of, state: 'unusable', detail: state };
}

async function describeLogin(clients: Clients, { secret, isNeeded }: Login): Promise<Used[]> {
  const used = await describeSecret(clients, { ...source('secret', secret), holds: 'login' });
  return isNeeded ? used : used.filter((one) => one.kind === 'key' || one.state !== 'gone');
}

type NamedSource = Pick<UsedSource, 'kind' | 'source' | 'holds'>;

async function describeSecret(clients: Clients, used: NamedSource): Promise<Used[]> {
  try {
    const { KmsKeyId, DeletedDate } = await clients.secrets.send(new DescribeSecretCommand({ SecretId: used.source.name }));
    return [
      DeletedDate ? { ...used, state: 'deletion-scheduled', since: DeletedDate.toISOString() } : { ...used, state: 'works' },
      ...(await keyOf(clients, used, KmsKeyId)),
    ];
  } catch (error) {
    return isNamed(error, 'ResourceNotFoundException') ? [{ ...used, state: 'gone' }] : unseen(used, error);
  }
}

/** By a filter: Parameter Store describes none by its name, and gives values to whoever asks for one. */
async function describeParameters(clients: Clients, names: readonly string[]): Promise<Used[]> {
  const found = new Map<string, ParameterMetadata>();
  try {
    let NextToken: string | undefined;
    do {
      const page = await clients.parameters.send(
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
    return [{ ...used, state: 'works' }, ...(await keyOf(clients, used, parameter.KeyId))];
  });
  return (await Promise.all(described)).flat();
}

const source = (store: KeyStore, name: string): NamedSource => ({ kind: 'source', source: { store, name } });

/** Where the source cannot be looked at, neither can its key be. */
function unseen(used: NamedSource, error: unknown): Used[] {
  const detail = nameOf(error);
  return [
    { ...used, state: 'unseen', detail },
    { kind: 'key', encrypts: used.source, state: 'unseen', detail },
  ];
}

/** @param id undefined for what is encrypted under AWS's own key, or not at all */
async function keyOf(clients: Clients, used: Pick<UsedSource, 'source'>, id: string | undefined): Promise<UsedKey[]> {
  if (id === undefined || OF_AWS.test(id)) return [];
  const [alias] = /alias\/.+$/.exec(id) ?? [];
  return describeKey(clients, id, { kind: 'key', encrypts: used.source, ...(alias === undefined ? {} : { alias }) });
}

const chunks = (names: readonly string[]): string[][] =>
  Array.from({ length: Math.ceil(names.length / NAMES_AT_ONCE) }, (_, i) => names.slice(i * NAMES_AT_ONCE, (i + 1) * NAMES_AT_ONCE));

const nameOf = (error: unknown) => (error instanceof Error ? error.name : 'an unknown error');
const isNamed = (error: unknown, name: string) => error instanceof Error && error.name === name;
