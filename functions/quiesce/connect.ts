import type { z } from 'zod';
import { scalableTargets } from '../../adapters/ecs/scalable-targets.ts';
import { ecsServices } from '../../adapters/ecs/services.ts';
import { callStep } from '../../adapters/lambda/call-step.ts';
import { openBucket } from '../../adapters/s3/bucket.ts';
import { snsNotifier } from '../../adapters/sns/publish.ts';
import { hostCommands } from '../../adapters/ssm/host-commands.ts';
import { stepFunctionsExecutions } from '../../adapters/step-functions/executions.ts';
import { isTicked } from '../../adapters/vault/restore-ticks.ts';
import type { Executions } from '../../core/ports/executions.ts';
import type { ObjectReader, ObjectWriter } from '../../core/ports/object-store.ts';
import type { CheckingEnvironment, StoppingEnvironment } from '../../core/quiesce/contract.ts';
import type { QuiescePorts } from '../../core/quiesce/ports.ts';

type OfRun = { system: string; asset: string; run: string };
export type QuiesceFunctionPorts = {
  system: string;
  vault: ObjectReader & ObjectWriter;
  now: () => Date;
  executions: Executions;
  /** What the steps of a run reach. */
  reach: (of: OfRun) => QuiescePorts;
};

/** The function that only looks has no topic: it tells nobody anything. */
export function connectQuiesce(
  environment: z.output<typeof CheckingEnvironment> & Partial<z.output<typeof StoppingEnvironment>>,
): QuiesceFunctionPorts {
  const { reader, writer } = openBucket(environment.VAULT_BUCKET, {}, process.env);
  const { ALARM_TOPIC_ARN: topic } = environment;
  const notifier = topic === undefined ? undefined : snsNotifier(topic, {});
  const shared = {
    services: ecsServices({}),
    scaling: scalableTargets({}),
    hosts: hostCommands({}),
    call: callStep({}),
    tell: (subject: string, body: string) => notifier?.publish(subject, body) ?? Promise.resolve(),
    composeDocument: environment.DOCUMENT,
  };
  return {
    system: environment.SYSTEM,
    vault: { ...reader, ...writer },
    now: () => new Date(),
    executions: stepFunctionsExecutions({}),
    reach: (of) => ({ ...shared, isTicked: (number, part) => isTicked(reader, of, number, part) }),
  };
}
