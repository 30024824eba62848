/** Everything that the roles of a deployed system asked for in its runs. */
import { KMSClient, paginateListAliases } from '@aws-sdk/client-kms';
import { clientConfig } from '../../adapters/aws/settings.ts';
import { keyAlias, stateMachineName, type Side, type Stage } from '../../core/names.ts';
import { rootSettings } from '../../local/run/place.ts';
import type { HistoryEvent } from '../../local/interpreter/history.ts';
import type { DeployedSystem } from '../helpers/deployed-system.ts';
import type { Synthesized } from '../infra/synthesized.ts';
import type { Asked } from './asked.ts';
import { asksOfMachine } from './read-history.ts';
import { asksOf } from './read-requests.ts';

export type Ran = { stage: Stage; side: Side; history: readonly HistoryEvent[] };

export async function everythingAsked(system: DeployedSystem, runs: readonly Ran[], synthesized: Synthesized): Promise<Asked[]> {
  const { plan, place } = system;
  const regionOf = (side: Side) => (side === 'vault' ? plan.home.region : plan.replica.region);
  const deployed = {
    account: place.accountId,
    aliasOfKey: new Map([...(await aliases(system, plan.home.region)), ...(await aliases(system, plan.replica.region))]),
    encrypted: new Map(
      (['vault', 'replica'] as const).map((side) => [
        system[side].bucket,
        { region: regionOf(side), alias: keyAlias(plan.system, 'vault') },
      ]),
    ),
  };
  return [
    ...system.requests.flatMap((request) => asksOf(request, deployed)),
    ...runs.flatMap(({ stage, side, history }) => {
      const template = side === 'vault' ? synthesized.pipeline : synthesized.recovery;
      return asksOfMachine(
        { machine: stateMachineName(plan.system, stage, side), region: regionOf(side), history },
        template,
        place.accountId,
      );
    }),
  ];
}

async function aliases(system: DeployedSystem, region: string): Promise<[string, string][]> {
  const client = new KMSClient(clientConfig(rootSettings(system.place, region)));
  const found: [string, string][] = [];
  for await (const { Aliases = [] } of paginateListAliases({ client }, {}))
    for (const { AliasName = '', TargetKeyId = '' } of Aliases)
      if (AliasName.startsWith(`alias/holdfast/${system.plan.system}/`)) found.push([TargetKeyId, AliasName]);
  client.destroy();
  return found;
}
