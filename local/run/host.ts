/** The resources that run on this machine. */
import type { Host } from '../interpreter/host.ts';
import type { FunctionHost } from './functions.ts';
import type { MachineHost } from './machines.ts';
import type { ReadText } from './read-text.ts';
import type { TaskTokens } from './task-tokens.ts';
import type { TaskHost } from './tasks.ts';

const LAMBDA = 'arn:aws:states:::lambda:invoke';
const LAMBDA_TOKEN = `${LAMBDA}.waitForTaskToken`;
const ECS = 'arn:aws:states:::ecs:runTask.sync';
const MACHINE = 'arn:aws:states:::states:startExecution.sync:2';
const S3_OBJECT = 'arn:aws:states:::s3:getObject';

export const ABILITIES: Pick<Host, 'resources' | 'readers'> = {
  resources: new Set([LAMBDA, LAMBDA_TOKEN, ECS, MACHINE]),
  readers: new Set([S3_OBJECT]),
};

type Parts = { functions: FunctionHost; tasks: TaskHost; machines: MachineHost; readText: ReadText; tokens: TaskTokens };

export const localHost = ({ functions, tasks, machines, readText, tokens }: Parts): Host => ({
  ...ABILITIES,
  task(resource, parameters, call) {
    if (resource === MACHINE) return machines.run(parameters, call);
    return resource === ECS ? tasks.run(parameters, call) : functions.invoke(parameters, call);
  },
  openToken: () => tokens.open(),
  readText: (_resource, parameters, call) => readText(parameters, call.signal),
});
