/** The document of Systems Manager that is deployed with a plan which stops services of Docker Compose. */
import { readFileSync } from 'node:fs';

const NAME = '[A-Za-z0-9][A-Za-z0-9_-]*';

/** What stands in for a parameter is text in a shell script: nothing that a shell would take for more than a word may come in. */
const PARAMETERS = {
  action: { type: 'String', description: 'What to do', allowedValues: ['stop', 'start', 'status'] },
  directory: { type: 'String', description: 'Where the docker-compose.yml is', allowedPattern: '^/[A-Za-z0-9_./-]+$' },
  services: { type: 'String', description: 'Names of services, with spaces between them', allowedPattern: `^${NAME}( ${NAME})*$` },
  executionTimeout: { type: 'String', description: 'Seconds', default: '600', allowedPattern: '^[1-9][0-9]{0,4}$' },
} as const;

export function composeDocument() {
  const script = readFileSync(new URL('compose.sh', import.meta.url), 'utf8');
  const given = ['action', 'directory', 'services'].map((name) => `${name}='{{ ${name} }}'`);
  return {
    schemaVersion: '2.2',
    description: 'Stops, starts and looks at services of Docker Compose, for a restore that replaces their database',
    parameters: PARAMETERS,
    mainSteps: [
      {
        action: 'aws:runShellScript',
        name: 'compose',
        precondition: { StringEquals: ['platformType', 'Linux'] },
        inputs: { timeoutSeconds: '{{ executionTimeout }}', runCommand: [...given, ...script.trimEnd().split('\n')] },
      },
    ],
  };
}
