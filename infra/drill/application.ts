/** The container of the application that a drill brings up, beside the runner and the database of its task. */
import { readFileSync } from 'node:fs';
import type { PostgresAsset } from '../../core/plan/schema-assets.ts';
import { readSecrets } from '../grants.ts';
import { repositoryOf } from '../image.ts';
import type { Statement } from '../policy.ts';
import type { System } from '../system.ts';
import { APPLICATION_DIR, type Companion } from '../task.ts';

/** What ECS tells a container of its task's credentials and of the task; a test's machine tells the second line's. */
const NOT_FOR_APPLICATIONS = [
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI AWS_CONTAINER_CREDENTIALS_FULL_URI AWS_CONTAINER_AUTHORIZATION_TOKEN AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE ECS_CONTAINER_METADATA_URI ECS_CONTAINER_METADATA_URI_V4 ECS_AGENT_URI AWS_EXECUTION_ENV',
  'AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_REGION AWS_DEFAULT_REGION AWS_ENDPOINT_URL AWS_ENDPOINT_URL_SFN AWS_CA_BUNDLE NODE_EXTRA_CA_CERTS',
].join(' ');

/**
 * The task's role opens keys and reads points: an application has no business with it. A shell that becomes another one leaves nothing
 * of its environment behind in /proc.
 */
const FORGET = `unset ${NOT_FOR_APPLICATIONS}; exec sh -c "$0" holdfast "$@"`;

/** Entry point of the container; the program and its arguments follow as its command. */
export const applicationEntryPoint = (directory = APPLICATION_DIR): string[] => [
  'sh',
  '-c',
  FORGET,
  readFileSync(new URL('application.sh', import.meta.url), 'utf8'),
  directory,
];

export function applicationContainer({ drill: { application } }: PostgresAsset): Companion | undefined {
  if (application === undefined) return undefined;
  const { image, user, command, port, memoryMiB } = application;
  return { name: 'application', image, user, entryPoint: applicationEntryPoint(), command, port, memoryMiB };
}

/** What the runner reads for the application: the account of a login, and variables of its environment. */
export function readForApplication(system: System, { drill: { application } }: PostgresAsset): Statement[] {
  const { environment = [], logins = [] } = application ?? {};
  const secrets = [...logins.map(({ secret }) => secret), ...environment.flatMap(({ secret }) => secret ?? [])];
  return secrets.length === 0 ? [] : readSecrets('ReadForTheApplication', system, secrets, ['secretsmanager:GetSecretValue']);
}

/** Keys whose escrowed copy it is given. */
export const keysOfApplication = ({ drill: { application } }: PostgresAsset): string[] =>
  (application?.environment ?? []).flatMap(({ key }) => key ?? []);

/** Where ECS pulls applications from. */
export const applicationRepositories = (system: System): string[] => [
  ...new Set(system.postgresAssets.flatMap(({ drill }) => repositoryOf(drill.application?.image ?? ''))),
];
