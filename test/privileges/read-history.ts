/** What a state machine's own role is asked for: by the tasks that it calls, and by the objects that its maps read. */
import { ACCOUNT, ofType, type Template } from '../infra/synthesized.ts';
import type { HistoryEvent } from '../../local/interpreter/history.ts';
import { inAccount, type Asked } from './asked.ts';

export type MachineRun = { machine: string; region: string; history: readonly HistoryEvent[] };

/** @param template that has the machine's tasks */
export function asksOfMachine(run: MachineRun, template: Template, account: string): Asked[] {
  const make = (action: string, resource: string, context: Asked['context'] = {}): Asked => ({
    role: `${run.machine}-machine`,
    action,
    resource: resource.replaceAll(account, ACCOUNT),
    region: run.region,
    context: inAccount({ 's3:TlsVersion': '1.3', ...context }, account),
  });
  return run.history.flatMap(({ type, resource = '', input }) => {
    if (type !== 'TaskScheduled' && type !== 'MapStateStarted') return [];
    const fields = (input ?? {}) as Record<string, string>;
    if (resource.endsWith(':lambda:invoke')) return [make('lambda:InvokeFunction', fields['FunctionName'] ?? '')];
    if (resource.endsWith(':s3:getObject')) return readsOfMap(run, fields).map(([action, of, context]) => make(action, of, context));
    if (!resource.endsWith(':ecs:runTask.sync')) return [];
    const family = /task-definition\/([^:]+)/.exec(fields['TaskDefinition'] ?? '')?.[1] ?? fields['TaskDefinition'] ?? '';
    const arn = (rest: string) => `arn:aws:ecs:${run.region}:${ACCOUNT}:${rest}`;
    const cluster = { 'ecs:cluster': fields['Cluster'] ?? '' };
    return [
      make('ecs:RunTask', arn(`task-definition/${family}:1`), cluster),
      ...rolesOfTask(template, family).map((role) => make('iam:PassRole', role, { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' })),
    ];
  });
}

/** Whose bucket it is, its key decrypts for. */
function readsOfMap({ machine, region }: MachineRun, fields: Record<string, string>): [string, string, Asked['context']][] {
  const bucket = `arn:aws:s3:::${fields['Bucket']}`;
  const system = /^holdfast-([^-]+)-/.exec(machine)?.[1] ?? '';
  const throughS3 = {
    'kms:ViaService': `s3.${region}.amazonaws.com`,
    'kms:EncryptionContext:aws:s3:arn': bucket,
    'kms:ResourceAliases': [`alias/holdfast/${system}/vault`],
  };
  return [
    ['s3:GetObject', `${bucket}/${fields['Key']}`, {}],
    ['kms:Decrypt', `arn:aws:kms:${region}:${ACCOUNT}:key/vault`, throughS3],
  ];
}

/** A task definition names its roles; who runs it must be allowed to pass both on. */
function rolesOfTask(template: Template, family: string): string[] {
  const definitions = ofType(template, 'AWS::ECS::TaskDefinition').map(([, { Properties }]) => Properties);
  const found = definitions.find(({ Family }) => Family === family);
  if (!found) throw new Error(`No template has a task definition ${family}`);
  return ['TaskRoleArn', 'ExecutionRoleArn'].map((name) => String(found[name]));
}
