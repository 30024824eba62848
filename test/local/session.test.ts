import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createTlsFiles } from '../../local/servers/tls-files.ts';
import { executionRecords } from '../../local/run/execution-records.ts';
import { openSession, type LocalSession } from '../../local/session.ts';
import { MachineNotReady } from '../../local/errors.ts';
import { testDeployment, testPlace } from './run/deployed.ts';

const deployment = testDeployment();
const directory = mkdtempSync(join(tmpdir(), 'hf-session-'));
let session: LocalSession;

beforeAll(async () => {
  const place = testPlace();
  const { binDir, major } = inject('postgres');
  const tls = createTlsFiles(directory, new Date());
  // The session's own answers are trusted by its functions like the emulator's.
  session = await openSession({
    place: { ...place, caPath: joinAuthorities(place.caPath, tls.caPath) },
    directory,
    appDir: deployment.directory,
    bundlesDir: deployment.bundlesDir,
    programs: { binDir, major, version: String(major), origin: 'machine' },
    databaseCaPath: place.caPath,
    executionsTls: tls.issue('executions'),
    environment: process.env,
  });
});
afterAll(async () => {
  await session.close();
  deployment.remove();
  rmSync(directory, { recursive: true, force: true });
});

function joinAuthorities(...paths: string[]): string {
  const path = join(directory, 'authorities.pem');
  writeFileSync(path, paths.map((each) => readFileSync(each, 'utf8')).join('\n'));
  return path;
}

const INVOKE = 'arn:aws:states:::lambda:invoke';
const describeIt = `const { SFNClient, DescribeExecutionCommand } = await import('@aws-sdk/client-sfn');
  const ask = (executionArn) => new SFNClient({}).send(new DescribeExecutionCommand({ executionArn })).then((found) => found.status, (error) => error.name);
  return [await ask(payload.self), await ask(payload.other), await ask(payload.self + 'x')];`;

const machineOf = (functionArn: string) => ({
  StartAt: 'Ask',
  TimeoutSeconds: 60,
  States: {
    Ask: {
      Type: 'Task',
      Resource: INVOKE,
      Arguments: { FunctionName: functionArn, Payload: { self: '{% $states.context.Execution.Id %}', other: '{% $states.input.other %}' } },
      TimeoutSeconds: 30,
      Output: '{% $states.result.Payload %}',
      End: true,
    },
  },
});

test('a function learns what became of an execution, if its role may ask', async () => {
  const role = await deployment.role('states');
  const asker = await deployment.deployFunction('ask/allowed', describeIt, {
    role: await deployment.role('lambda', ['states:DescribeExecution']),
  });
  const machine = await deployment.deployMachine('asks', machineOf(asker), role);
  const first = await session.startExecution(machine, { other: 'arn:aws:states:eu-central-1:000000000000:execution:none:none' });
  expect(await first.ended).toMatchObject({ status: 'SUCCEEDED', output: ['RUNNING', 'ExecutionDoesNotExist', 'ExecutionDoesNotExist'] });
  const second = await session.startExecution(machine, { other: first.arn });
  expect(await second.ended).toMatchObject({ output: ['RUNNING', 'SUCCEEDED', 'ExecutionDoesNotExist'] });

  const refused = await deployment.deployFunction('ask/refused', describeIt, { role: await deployment.role('lambda', ['s3:GetObject']) });
  const other = await deployment.deployMachine('asks-in-vain', machineOf(refused), role);
  const third = await session.startExecution(other, { other: first.arn });
  const { output } = (await third.ended) as { output: string[] };
  expect(output.slice(0, 2)).toEqual(['AccessDeniedException', 'AccessDeniedException']);
});

test('a machine that is not deployed, and one that cannot run here', async () => {
  await expect(session.startExecution('none', {})).rejects.toThrow(MachineNotReady);
  const definition = {
    StartAt: 'A',
    States: { A: { Type: 'Task', Resource: 'arn:aws:states:::sqs:sendMessage', Arguments: {}, End: true } },
  };
  const machine = await deployment.deployMachine('strange', definition, await deployment.role('states'));
  await expect(session.startExecution(machine, {})).rejects.toThrow(/sqs:sendMessage does not run here/);
});

test('a stopped execution ends its function, and its record says so', async () => {
  const hangs = await deployment.deployFunction('ask/hangs', 'await new Promise((resolve) => setTimeout(resolve, 60_000));', {
    role: await deployment.role('lambda'),
  });
  const machine = await deployment.deployMachine('hangs', machineOf(hangs), await deployment.role('states'));
  const stop = new AbortController();
  const running = await session.startExecution(
    machine,
    { other: '' },
    { signal: stop.signal, onEvent: ({ type }) => (type === 'TaskScheduled' ? setTimeout(() => stop.abort(), 500) : undefined) },
  );
  expect((await running.ended).status).toBe('ABORTED');
  expect(executionRecords(join(directory, 'executions')).read(running.arn)?.status).toBe('ABORTED');
});

test('an execution whose process is gone has ended with it', () => {
  const arn = 'arn:aws:states:eu-central-1:000000000000:execution:gone:one';
  const path = join(directory, 'gone');
  const script = `import { executionRecords } from ${JSON.stringify(new URL('../../local/run/execution-records.ts', import.meta.url).href)};
    executionRecords(${JSON.stringify(path)}).write({ arn: '${arn}', machineArn: 'm', name: 'one', status: 'RUNNING', startedAt: new Date().toISOString(), input: {} });`;
  expect(spawnSync(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' }).status).toBe(0);
  expect(executionRecords(path).read(arn)).toMatchObject({ status: 'ABORTED' });
  expect(executionRecords(path).read(`${arn}x`)).toBeUndefined();
});
