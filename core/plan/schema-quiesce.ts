/** What is stopped while a database is replaced, in which order, and how each of it comes back. */
import * as z from 'zod';
import { Duration } from './schema-parts.ts';

/** What a service is called, by Docker Compose or ECS. */
const ServiceName = z.string().regex(/^[A-Za-z0-9][\w-]{0,254}$/, 'letters, digits, hyphens and underscores, such as api');

const InstanceId = z.string().regex(/^m?i-[0-9a-f]{8,17}$/, 'the id of an instance or of a managed node, such as i-0a1b2c3d4e5f67890');

const StepName = z
  .string()
  .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'lower-case letters, digits and single hyphens, starting with a letter')
  .max(40, 'a step’s name has at most 40 characters');

const common = {
  name: StepName.describe('Name of the step, in messages and evidence'),
  timeout: Duration.default('PT10M').describe('The longest until it has stopped, and again until it runs'),
  resumeOnFailure: z
    .boolean()
    .default(true)
    .describe('Whether it is put back when the restore failed; if not, it stays stopped until a person resumes'),
};

const EcsServices = z
  .strictObject({
    kind: z
      .literal('ecs-services')
      .describe('Services of ECS: scaled to none, their scalable targets suspended, and put back as they were'),
    ...common,
    cluster: z
      .string()
      .regex(/^[\w-]{1,255}$/, 'the name of a cluster, not its ARN')
      .describe('Name of the cluster'),
    services: z.array(ServiceName).min(1).max(10).describe('Names of the services; all are stopped at once'),
  })
  .describe('Services of ECS: scaled to none, their scalable targets suspended, and put back as they were');

const Compose = z
  .strictObject({
    directory: z
      .string()
      .regex(/^\/[\w./-]+$/, 'an absolute path of letters, digits and ._-/')
      .describe('Where the docker-compose.yml is on the host'),
    services: z.array(ServiceName).min(1).max(20).describe('Services to stop; those that ran are started again, and no other'),
  })
  .describe('The document that is deployed with the plan: stops, starts and looks at services of Docker Compose');

const Hosts = z
  .strictObject({
    instances: z.array(InstanceId).min(1).max(50).optional().describe('Ids of the hosts'),
    tag: z
      .strictObject({
        key: z.string().min(1).max(128).describe('Key of the tag'),
        value: z.string().min(1).max(256).describe('Value of the tag'),
      })
      .optional()
      .describe('A tag that the hosts have; no host with it is a failure, and so are more than 50'),
  })
  .refine(({ instances, tag }) => (instances === undefined) !== (tag === undefined), 'names `instances` or a `tag`, one of the two')
  .describe('The hosts on which the document is run');

const SsmDocument = z
  .strictObject({
    kind: z.literal('ssm-document').describe('Commands on hosts, by a document of Systems Manager'),
    ...common,
    hosts: Hosts,
    compose: Compose.optional(),
    document: z
      .string()
      .regex(/^[\w.-]{3,128}$/, 'the name of a document of this account')
      .optional()
      .describe(
        'A document of your own instead: its parameter `action` is `stop`, `start` or `status`, and its last line of output `holdfast: stopped` or `holdfast: running` with what runs',
      ),
  })
  .refine(({ compose, document }) => (compose === undefined) !== (document === undefined), 'has `compose` or a `document`, one of the two')
  .describe('Commands on hosts, by a document of Systems Manager');

const LambdaStep = z
  .strictObject({
    kind: z.literal('lambda').describe('A function of your own that stops, starts and says what is'),
    ...common,
    function: z
      .string()
      .regex(/^arn:aws[\w-]*:lambda:[a-z0-9-]+:\d{12}:function:[\w-]{1,64}$/, 'the ARN of a function, without version or alias')
      .describe(
        'ARN of the function: called with `{"action": "stop" | "start" | "status", "run": …}`, it answers `{"state": "stopped" | "running" | "changing"}`',
      ),
  })
  .describe('A function of your own that stops, starts and says what is');

const Manual = z
  .strictObject({
    kind: z.literal('manual').describe('A person does it and says so'),
    ...common,
    timeout: Duration.default('PT1H').describe('The longest that the restore waits for the person'),
    what: z.string().min(10).max(500).describe('What is to be done before the database is replaced'),
    putBack: z.string().min(10).max(500).describe('What is to be done afterwards'),
  })
  .describe('A person does it and says so');

export const QuiesceStep = z
  .discriminatedUnion('kind', [EcsServices, SsmDocument, LambdaStep, Manual])
  .describe('One thing that is stopped');
export type QuiesceStep = z.infer<typeof QuiesceStep>;

export const Quiesce = z
  .strictObject({
    steps: z.array(QuiesceStep).min(1).max(20).describe('What is stopped, in this order, each when the one before has stopped'),
    resumeOrder: z
      .array(StepName)
      .min(1)
      .optional()
      .describe('Names of all steps, in the order in which they are put back; the reverse of `steps` when absent'),
  })
  .describe('What is stopped before a database is replaced, and put back afterwards. A restore into a new database beside stops nothing');
export type Quiesce = z.infer<typeof Quiesce>;
