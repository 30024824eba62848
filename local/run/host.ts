/** The resources that run on this machine. */
import type { Host } from '../interpreter/host.ts';
import type { FunctionHost } from './functions.ts';
import type { TaskHost } from './tasks.ts';

const LAMBDA = 'arn:aws:states:::lambda:invoke';
const ECS = 'arn:aws:states:::ecs:runTask.sync';

export const RESOURCES: ReadonlySet<string> = new Set([LAMBDA, ECS]);

export const localHost = (functions: FunctionHost, tasks: TaskHost): Host => ({
  resources: RESOURCES,
  task(resource, parameters, call) {
    return resource === ECS ? tasks.run(parameters, call) : functions.invoke(parameters, call);
  },
});
