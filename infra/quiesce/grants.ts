/** Rights on exactly what the steps of a plan name. */
import { composeDocumentName } from '../../core/names.ts';
import type { QuiesceStep } from '../../core/plan/schema-quiesce.ts';
import type { Conditions, Statement } from '../policy.ts';
import { arn, type System } from '../system.ts';

type Use = 'look' | 'change';
type Step<K extends QuiesceStep['kind']> = Extract<QuiesceStep, { kind: K }>;

/** Every step of every asset. */
export const stepsOf = (system: System): QuiesceStep[] => system.postgresAssets.flatMap(({ restore }) => restore?.quiesce?.steps ?? []);

const unique = (texts: string[]) => [...new Set(texts)];
const ofKind = <K extends QuiesceStep['kind']>(steps: readonly QuiesceStep[], kind: K) =>
  steps.filter((step): step is Step<K> => step.kind === kind);

export function actOn(system: System, steps: readonly QuiesceStep[], use: Use): Statement[] {
  return [
    ...onServices(system, ofKind(steps, 'ecs-services'), use),
    ...onHosts(system, ofKind(steps, 'ssm-document')),
    ...onFunctions(ofKind(steps, 'lambda')),
  ];
}

function onServices(system: System, steps: readonly Step<'ecs-services'>[], use: Use): Statement[] {
  if (steps.length === 0) return [];
  const services = unique(
    steps.flatMap((step) => step.services.map((service) => arn(system.home, 'ecs', `service/${step.cluster}/${service}`))),
  );
  const look: Statement = { sid: 'SeeServices', actions: ['ecs:DescribeServices'], resources: services };
  if (use === 'look') return [look];
  return [
    look,
    { sid: 'ScaleServices', actions: ['ecs:UpdateService'], resources: services },
    {
      sid: 'SeeScaling',
      actions: ['application-autoscaling:DescribeScalableTargets'],
      resources: ['*'],
      why: 'This action knows no resources.',
    },
    {
      sid: 'SuspendScaling',
      actions: ['application-autoscaling:RegisterScalableTarget'],
      resources: [arn(system.home, 'application-autoscaling', 'scalable-target/*')],
      conditions: {
        StringEquals: {
          'application-autoscaling:service-namespace': 'ecs',
          'application-autoscaling:scalable-dimension': 'ecs:service:DesiredCount',
        },
      },
      why: 'A scalable target has an id that only the service knows; the condition allows those of ECS services alone.',
    },
  ];
}

/** A document is sent to hosts: both are asked for a right. What became of a command is told under no resource. */
function onHosts(system: System, steps: readonly Step<'ssm-document'>[]): Statement[] {
  if (steps.length === 0) return [];
  const documents = unique(
    steps.map((step) => arn(system.home, 'ssm', `document/${step.compose ? composeDocumentName(system.name) : (step.document ?? '')}`)),
  );
  const instances = unique(steps.flatMap((step) => step.hosts.instances ?? [])).map((id) =>
    id.startsWith('mi-') ? arn(system.home, 'ssm', `managed-instance/${id}`) : arn(system.home, 'ec2', `instance/${id}`),
  );
  const tags = [...new Map(steps.flatMap(({ hosts: { tag } }) => (tag ? [[`${tag.key}=${tag.value}`, tag] as const] : []))).values()];
  return [
    { sid: 'SendDocuments', actions: ['ssm:SendCommand'], resources: documents },
    ...(instances.length > 0 ? [{ sid: 'CommandHosts', actions: ['ssm:SendCommand'], resources: instances }] : []),
    ...tags.map((tag, i): Statement => ({
      sid: `CommandTaggedHosts${i + 1}`,
      actions: ['ssm:SendCommand'],
      resources: [arn(system.home, 'ec2', 'instance/*'), arn(system.home, 'ssm', 'managed-instance/*')],
      conditions: { StringEquals: { [`ssm:resourceTag/${tag.key}`]: tag.value } } satisfies Conditions,
      why: 'Hosts are found by the tag that the plan names: the condition allows no other.',
    })),
    {
      sid: 'SeeCommands',
      actions: ['ssm:ListCommands', 'ssm:ListCommandInvocations'],
      resources: ['*'],
      why: 'Commands have no ARN that a policy could name.',
    },
  ];
}

const onFunctions = (steps: readonly Step<'lambda'>[]): Statement[] =>
  steps.length === 0
    ? []
    : [{ sid: 'CallThePlansFunctions', actions: ['lambda:InvokeFunction'], resources: unique(steps.map((step) => step.function)) }];
