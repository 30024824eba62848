import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { StateFailed } from '../../../local/interpreter/errors.ts';
import type { Json } from '../../../local/interpreter/language.ts';
import { functionHost, type FunctionHost } from '../../../local/run/functions.ts';
import { roleAssumer } from '../../../local/run/roles.ts';
import { freshBucket } from '../../helpers/servers.ts';
import { testDeployment, testPlace } from './deployed.ts';

const deployment = testDeployment();
let host: FunctionHost;
let role: string;
const lines: string[] = [];

beforeAll(async () => {
  const place = testPlace();
  role = await deployment.role('lambda');
  host = functionHost({
    place,
    assumeRole: roleAssumer(place),
    bundlesDir: deployment.bundlesDir,
    executionsUrl: 'https://localhost:1',
    onLine: (source, line) => lines.push(`${source}: ${line}`),
  });
});
afterAll(async () => {
  await host.close();
  deployment.remove();
});

const call = (signal = new AbortController().signal) => ({ signal, heartbeat: () => {}, state: 'Test' });
const invoke = async (functionName: string, payload: Json = {}, signal?: AbortSignal) =>
  host.invoke({ FunctionName: functionName, Payload: payload }, call(signal));
const failure = async (work: Promise<unknown>) => {
  const error: unknown = await work.catch((reason: unknown) => reason);
  if (!(error instanceof StateFailed)) throw new TypeError(`Expected a StateFailed, not ${JSON.stringify(error)}`);
  return { error: error.error, cause: JSON.parse(error.message) as { errorType: string; errorMessage: string } };
};
const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
};

test('the answer is shaped as Step Functions gets it, and a warm copy answers the next call', async () => {
  const arn = await deployment.deployFunction(
    'case/echo',
    'globalThis.calls = (globalThis.calls ?? 0) + 1; console.log("heard"); return { payload, calls: globalThis.calls, name: context.functionName };',
    { role },
  );
  const first = await invoke(arn, { a: [1] });
  expect(first).toMatchObject({
    StatusCode: 200,
    ExecutedVersion: '$LATEST',
    Payload: { payload: { a: [1] }, calls: 1, name: `${deployment.name}-case-echo` },
  });
  expect(await invoke(arn)).toMatchObject({ Payload: { calls: 2 } });
  expect(lines).toContain(`${deployment.name}-case-echo: heard`);
});

test('its environment is the deployed one, what Lambda adds, and where compiled code is kept, and nothing of this process', async () => {
  const secret = `HOLDFAST_TEST_${randomUUID().slice(0, 6)}`;
  process.env[secret] = 'must not be seen';
  const arn = await deployment.deployFunction('case/environment', 'return process.env;', { role, environment: { SYSTEM: 'ida' } });
  const { Payload } = (await invoke(arn)) as { Payload: Record<string, string> };
  delete process.env[secret];
  expect(Object.keys(Payload).sort()).toEqual(
    [
      'SYSTEM',
      'PATH',
      'TZ',
      '_HANDLER',
      'LAMBDA_TASK_ROOT',
      'NODE_EXTRA_CA_CERTS',
      'NODE_COMPILE_CACHE',
      ...[
        'REGION',
        'DEFAULT_REGION',
        'ACCESS_KEY_ID',
        'SECRET_ACCESS_KEY',
        'SESSION_TOKEN',
        'ENDPOINT_URL',
        'ENDPOINT_URL_SFN',
        'CA_BUNDLE',
        'EXECUTION_ENV',
      ].map((name) => `AWS_${name}`),
      ...['FUNCTION_NAME', 'FUNCTION_VERSION', 'FUNCTION_MEMORY_SIZE', 'LOG_GROUP_NAME', 'LOG_STREAM_NAME'].map(
        (name) => `AWS_LAMBDA_${name}`,
      ),
    ].sort(),
  );
});

describe('errors, as Lambda reports them', () => {
  test('a thrown error by its name', async () => {
    const arn = await deployment.deployFunction('case/throws', 'class Mine extends Error { name = "Mine" }; throw new Mine("why");', {
      role,
    });
    expect(await failure(invoke(arn))).toMatchObject({ error: 'Mine', cause: { errorType: 'Mine', errorMessage: 'why' } });
    expect(await failure(invoke(arn))).toMatchObject({ error: 'Mine' });
  });
  test('an exit', async () => {
    const arn = await deployment.deployFunction('case/exits', 'process.exit(3);', { role });
    expect(await failure(invoke(arn))).toMatchObject({
      error: 'Runtime.ExitError',
      cause: { errorMessage: expect.stringContaining('exit status 3') as string },
    });
  });
  test('no such function, no such bundle', async () => {
    await expect(invoke('arn:aws:lambda:eu-central-1:000000000000:function:none')).rejects.toMatchObject({
      error: 'Lambda.ResourceNotFoundException',
    });
  });
  test('a time-out ends the process, and the next call gets a new one', async () => {
    const arn = await deployment.deployFunction(
      'case/hangs',
      'if (payload.pid) return process.pid; console.log("pid " + process.pid); await new Promise((resolve) => setTimeout(resolve, 60_000));',
      { role, timeoutSeconds: 2 },
    );
    expect(await failure(invoke(arn))).toMatchObject({
      error: 'Sandbox.Timedout',
      cause: { errorMessage: expect.stringContaining('Task timed out after 2.00 seconds') as string },
    });
    const pid = Number(
      lines
        .findLast((line) => line.includes('case-hangs: pid'))
        ?.split(' ')
        .at(-1),
    );
    expect(isAlive(pid)).toBe(false);
    expect(await invoke(arn, { pid: true })).toMatchObject({ StatusCode: 200 });
  });
  test('an answer that is no longer wanted ends the process', async () => {
    const arn = await deployment.deployFunction(
      'case/waits',
      'console.log("pid " + process.pid); await new Promise((resolve) => setTimeout(resolve, 60_000));',
      { role },
    );
    const stop = new AbortController();
    const answer = invoke(arn, {}, stop.signal);
    while (!lines.some((line) => line.includes('case-waits: pid'))) await new Promise((resolve) => setTimeout(resolve, 50));
    stop.abort();
    await answer.catch(() => undefined);
    const pid = Number(
      lines
        .findLast((line) => line.includes('case-waits: pid'))
        ?.split(' ')
        .at(-1),
    );
    expect(isAlive(pid)).toBe(false);
  });
});

test('it may do what its role is granted, and is refused the rest', async () => {
  const bucket = await freshBucket();
  const granted = await deployment.role('lambda', ['s3:PutObject']);
  const body = `const { S3Client, PutObjectCommand, GetObjectCommand } = await import('@aws-sdk/client-s3');
    const s3 = new S3Client({ forcePathStyle: true });
    const at = { Bucket: '${bucket}', Key: 'k' };
    await s3.send(new PutObjectCommand({ ...at, Body: 'x' }));
    try { await s3.send(new GetObjectCommand(at)); return 'read'; } catch (error) { return error.name; }`;
  const arn = await deployment.deployFunction('case/grants', body, { role: granted });
  expect(await invoke(arn)).toMatchObject({ Payload: 'AccessDenied' });
});
