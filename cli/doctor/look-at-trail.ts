import { CloudTrailClient, DescribeTrailsCommand, GetEventSelectorsCommand, GetTrailStatusCommand } from '@aws-sdk/client-cloudtrail';
import type { AdvancedEventSelector, EventSelector } from '@aws-sdk/client-cloudtrail';
import { clientConfig } from '../../adapters/aws/settings.ts';
import { judgeTrails, type TrailFacts, type TrailSelector } from '../../core/doctor/judge-trail.ts';
import type { ProtectionPlan } from '../../core/plan/schema.ts';
import type { Connection } from '../connection.ts';
import { look, type Part } from './look.ts';
import { translated } from '../machines/aws-errors.ts';

/** Rotations and the end of keys are heard of through a trail: whether there is one in either region. */
export async function lookAtTrails(plan: ProtectionPlan, connection: Connection): Promise<Part[]> {
  const hasSecrets = plan.assets.some((asset) => asset.kind === 'key' && asset.source.secret !== undefined);
  const parts: Part[] = [];
  for (const { region } of [plan.home, plan.replica])
    parts.push(
      await look(`trail in ${region}`, 'CloudTrail', () =>
        translated(`Looking at the trails of ${region}`, connection.where, async () =>
          judgeTrails(
            region,
            await readTrails(new CloudTrailClient(clientConfig(connection.settings(region)))),
            hasSecrets && region === plan.home.region,
          ),
        ),
      ),
    );
  return parts;
}

/** Trails of all regions and of the organization record here as well: they are listed as shadows. */
async function readTrails(client: CloudTrailClient): Promise<TrailFacts[]> {
  const { trailList = [] } = await client.send(new DescribeTrailsCommand({ includeShadowTrails: true }));
  return await Promise.all(
    trailList.map(async ({ Name = '', TrailARN = Name }): Promise<TrailFacts> => {
      const status = await client.send(new GetTrailStatusCommand({ Name: TrailARN }));
      const selectors = await client
        .send(new GetEventSelectorsCommand({ TrailName: TrailARN }))
        .then(({ EventSelectors = [], AdvancedEventSelectors = [] }) => [
          ...EventSelectors.map(ofClassic),
          ...AdvancedEventSelectors.map(ofAdvanced),
        ])
        // A trail of the organization tells its selectors to the organization's account alone.
        .catch(() => undefined);
      return { name: Name, isLogging: status.IsLogging ?? false, selectors };
    }),
  );
}

const ofClassic = ({ IncludeManagementEvents, ReadWriteType, ExcludeManagementEventSources }: EventSelector): TrailSelector => ({
  hasManagement: IncludeManagementEvents ?? true,
  hasWrites: ReadWriteType !== 'ReadOnly',
  leavesOut: ExcludeManagementEventSources ?? [],
});

function ofAdvanced({ FieldSelectors = [] }: AdvancedEventSelector): TrailSelector {
  const field = (name: string) => FieldSelectors.filter(({ Field }) => Field === name);
  return {
    hasManagement: field('eventCategory').some(({ Equals = [] }) => Equals.includes('Management')),
    hasWrites: !field('readOnly').some(({ Equals = [] }) => Equals.includes('true')),
    leavesOut: field('eventSource').flatMap(({ NotEquals = [] }) => NotEquals),
  };
}
