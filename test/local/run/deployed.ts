/** Deploys, by API, what one test runs: roles, functions, task definitions, machines. */
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { ECSClient, RegisterTaskDefinitionCommand, type ContainerDefinition, type Volume } from '@aws-sdk/client-ecs';
import { CreateStateMachineCommand, SFNClient } from '@aws-sdk/client-sfn';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';
import { clientConfig } from '../../../adapters/aws/settings.ts';
import type { LocalPlace } from '../../../local/run/place.ts';
import { rootSettings, TEST_REGION, uniqueSuffix } from '../../helpers/servers.ts';

/** The local bundle runs, so what is deployed is an archive with nothing in it: the record that ends one, and no entry before it. */
const EMPTY_ZIP = Buffer.concat([Buffer.from('PK\x05\x06', 'latin1'), Buffer.alloc(18)]);

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

export const testPlace = (): LocalPlace => ({ ...inject('emulator'), region: TEST_REGION });

export function testDeployment() {
  const name = `local-${uniqueSuffix()}`;
  const settings = clientConfig(rootSettings());
  const [iam, lambda, ecs, sfn] = [new IAMClient(settings), new LambdaClient(settings), new ECSClient(settings), new SFNClient(settings)];
  // Below the checkout, so that a handler finds its packages.
  const directory = join(ROOT, '.holdfast', 'test', name);
  return {
    name,
    directory,
    bundlesDir: join(directory, 'bundles'),
    async role(service: 'lambda' | 'ecs-tasks' | 'states', actions: readonly string[] = []): Promise<string> {
      const roleName = `${name}-${uniqueSuffix()}`;
      const trust = {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { Service: `${service}.amazonaws.com` }, Action: 'sts:AssumeRole' }],
      };
      const { Role } = await iam.send(new CreateRoleCommand({ RoleName: roleName, AssumeRolePolicyDocument: JSON.stringify(trust) }));
      const policy = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] };
      if (actions.length > 0)
        await iam.send(new PutRolePolicyCommand({ RoleName: roleName, PolicyName: 'own', PolicyDocument: JSON.stringify(policy) }));
      return Role?.Arn ?? '';
    },
    /** @param body of the handler; `payload` and `context` are in scope */
    async deployFunction(
      path: string,
      body: string,
      options: { role: string; timeoutSeconds?: number; environment?: Record<string, string> },
    ): Promise<string> {
      const bundle = join(directory, 'bundles', path, `${path}.mjs`);
      mkdirSync(dirname(bundle), { recursive: true });
      writeFileSync(bundle, `export const handler = async (payload, context) => { ${body} };\n`);
      const functionName = `${name}-${path.replace('/', '-')}`;
      const made = await lambda.send(
        new CreateFunctionCommand({
          FunctionName: functionName,
          Role: options.role,
          Handler: `${path}.handler`,
          Runtime: 'nodejs24.x',
          Timeout: options.timeoutSeconds ?? 20,
          MemorySize: 256,
          Code: { ZipFile: EMPTY_ZIP },
          Environment: { Variables: options.environment ?? {} },
        }),
      );
      return made.FunctionArn ?? functionName;
    },
    async deployTask(family: string, role: string, containers: ContainerDefinition[], volumes: Volume[] = []): Promise<string> {
      const full = `${name}-${family}`;
      await ecs.send(
        new RegisterTaskDefinitionCommand({
          family: full,
          taskRoleArn: role,
          volumes,
          containerDefinitions: containers.map((container) => ({ image: 'none', essential: true, ...container })),
        }),
      );
      return full;
    },
    async deployMachine(machine: string, definition: object, role: string): Promise<string> {
      const machineName = `${name}-${machine}`;
      await sfn.send(
        new CreateStateMachineCommand({
          name: machineName,
          roleArn: role,
          definition: JSON.stringify({ QueryLanguage: 'JSONata', ...definition }),
        }),
      );
      return machineName;
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}
