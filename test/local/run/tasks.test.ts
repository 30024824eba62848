import type { ContainerDefinition } from '@aws-sdk/client-ecs';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { StateFailed } from '../../../local/interpreter/errors.ts';
import { createIsolator, type Isolator } from '../../../local/run/isolation.ts';
import { roleAssumer } from '../../../local/run/roles.ts';
import { taskHost, type TaskHost } from '../../../local/run/tasks.ts';
import { findMachinePrograms, type PostgresPrograms } from '../../../local/tools/postgres-programs.ts';
import { freshBucket } from '../../helpers/servers.ts';
import { ROOT, testDeployment, testPlace } from './deployed.ts';

/** Nobody else sleeps for exactly this long. */
const NAP = `300.${process.pid}`;
const isRoot = process.getuid?.() === 0;
const deployment = testDeployment();
let host: TaskHost;
let role: string;
let isolator: Isolator;
let programs: PostgresPrograms;

function hostOf(appDir: string): TaskHost {
  const place = testPlace();
  return taskHost({
    place,
    assumeRole: roleAssumer(place),
    executionsUrl: 'https://localhost:1',
    isolator,
    appDir,
    programs,
    databaseCaPath: place.caPath,
    onLine: (source, line) => lines.push({ source, line }),
  });
}
const lines: { source: string; line: string }[] = [];

beforeAll(async () => {
  role = await deployment.role('ecs-tasks');
  isolator = await createIsolator(process.env);
  const { binDir, major } = inject('postgres');
  programs = (await findMachinePrograms(process.env)) ?? { binDir, major, version: String(major), origin: 'embedded' as const };
  host = hostOf(ROOT);
});
afterAll(() => {
  host.close();
  deployment.remove();
});

const node = (program: string) => ['node', '--input-type=module', '-e', program];
const runner = (fields: Partial<ContainerDefinition>): ContainerDefinition => ({ name: 'runner', user: '10001:10001', ...fields });
const run = (family: string, options: { signal?: AbortSignal; environment?: Record<string, string> } = {}, on = host) =>
  on.run(
    {
      TaskDefinition: family,
      Overrides: {
        ContainerOverrides: [
          { Name: 'runner', Environment: Object.entries(options.environment ?? {}).map(([Name, Value]) => ({ Name, Value })) },
        ],
      },
    },
    { signal: options.signal ?? new AbortController().signal, heartbeat: () => {}, state: 'Test' },
  );
const failed = async (work: Promise<unknown>) => {
  const error: unknown = await work.catch((reason: unknown) => reason);
  if (!(error instanceof StateFailed)) throw new TypeError(`Expected a StateFailed, not ${JSON.stringify(error)}`);
  return {
    error: error.error,
    task: JSON.parse(error.message) as { StopCode: string; Containers: { Name: string; ExitCode?: number; Reason?: string }[] },
  };
};
const said = (family: string, container = 'runner') =>
  lines.filter(({ source }) => source === `${family}/${container}`).map(({ line }) => line);
const isAlive = (pid: number) => {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
};
const waitFor = async (what: () => unknown) => {
  for (let tries = 0; !what() && tries < 400; tries += 1) await new Promise((resolve) => setTimeout(resolve, 50));
};

test('a task that ends well answers as ECS describes it', async () => {
  const family = await deployment.deployTask('good', role, [
    runner({
      command: node('console.log(process.env.POINT, process.env.SYSTEM)'),
      environment: [
        { name: 'SYSTEM', value: 'ida' },
        { name: 'POINT', value: 'none' },
      ],
    }),
  ]);
  expect(await run(family, { environment: { POINT: 'p1' } })).toMatchObject({
    LastStatus: 'STOPPED',
    StopCode: 'EssentialContainerExited',
    Containers: [{ Name: 'runner', ExitCode: 0 }],
  });
  expect(said(family)).toEqual(['p1 ida']);
});

test('the environment is the image’s, the definition’s and AWS’s, and nothing of this process', async () => {
  const family = await deployment.deployTask('environment', role, [
    runner({ command: node('console.log(JSON.stringify(process.env))'), environment: [{ name: 'SYSTEM', value: 'ida' }] }),
  ]);
  await run(family);
  expect(Object.keys(JSON.parse(said(family)[0] ?? '{}') as object).sort()).toEqual(
    [
      'PATH',
      'RDS_CA_BUNDLE',
      'SCRATCH_DIR',
      'HOLDFAST_ISOLATION',
      'HOME',
      'SYSTEM',
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
      ].map((name) => `AWS_${name}`),
    ].sort(),
  );
});

test('a volume is a fresh directory, found where the environment and the command say it is mounted, and gone with the task', async () => {
  const program = `const fs = await import('node:fs'); const d = process.env.SCRATCH_DIR; fs.writeFileSync(d + '/x', '1');
    console.log(JSON.stringify({ d, same: process.argv[1] === d + '/deep', mode: (fs.statSync(d).mode & 0o777).toString(8), uid: process.getuid(), owner: fs.statSync(d).uid }))`;
  const family = await deployment.deployTask(
    'volume',
    role,
    [runner({ command: [...node(program), '/scratch/deep'], mountPoints: [{ sourceVolume: 'scratch', containerPath: '/scratch' }] })],
    [{ name: 'scratch' }],
  );
  await run(family);
  const seen = JSON.parse(said(family)[0] ?? '{}') as { d: string; same: boolean; mode: string; uid: number; owner: number };
  expect(seen).toMatchObject({ same: true, mode: '700', owner: seen.uid });
  if (isRoot) expect(seen.uid).toBe(10_001);
  expect(existsSync(seen.d)).toBe(false);
});

test.runIf(isRoot)('a checkout in a directory that only root can enter is shown to the task at another path', async () => {
  const parent = mkdtempSync(join(tmpdir(), 'hf-private-'));
  const checkout = join(parent, 'checkout');
  mkdirSync(checkout);
  writeFileSync(join(checkout, 'hello.mjs'), "console.log('hello from', process.getuid(), process.cwd());");
  const other = hostOf(checkout);
  const family = await deployment.deployTask('private', role, [runner({ command: ['node', 'hello.mjs'] })]);
  await run(family, {}, other);
  expect(said(family)[0]).toMatch(/^hello from 10001 .*\/app$/);
  other.close();
  rmSync(parent, { recursive: true });
});

describe('failures', () => {
  test('an exit code is States.TaskFailed with the task as its cause', async () => {
    const family = await deployment.deployTask('bad', role, [runner({ command: node('process.exit(17)') })]);
    expect(await failed(run(family))).toMatchObject({
      error: 'States.TaskFailed',
      task: { StopCode: 'EssentialContainerExited', Containers: [{ ExitCode: 17 }] },
    });
  });
  test('a container that cannot be started has a reason and no exit code', async () => {
    const family = await deployment.deployTask('none', role, [runner({ user: '', command: ['no-such-program'] })]);
    const { task } = await failed(run(family));
    expect(task.StopCode).toBe('TaskFailedToStart');
    expect(task.Containers[0]?.Reason).toContain('CannotStartContainerError');
    expect(task.Containers[0]).not.toHaveProperty('ExitCode');
  });
  test('arguments that mean nothing here are refused', async () => {
    await expect(
      host.run({ TaskDefinition: 'x', Count: 2 }, { signal: new AbortController().signal, heartbeat: () => {}, state: 'T' }),
    ).rejects.toMatchObject({ error: 'ECS.InvalidParameterException' });
  });
});

test('a stopped task gets SIGTERM, then SIGKILL after stopTimeout, and what it started goes with it', async () => {
  const program = `import { spawn } from 'node:child_process'; const child = spawn('sleep', ['300']); process.on('SIGTERM', () => console.log('term'));
    console.log(JSON.stringify([process.pid, child.pid])); setInterval(() => {}, 1000);`;
  const family = await deployment.deployTask('stubborn', role, [runner({ command: node(program), stopTimeout: 2 })]);
  const stop = new AbortController();
  const task = run(family, { signal: stop.signal });
  await waitFor(() => said(family).length > 0);
  const pids = JSON.parse(said(family)[0] ?? '[]') as number[];
  expect(pids.map(isAlive)).toEqual([true, true]);
  const started = Date.now();
  stop.abort();
  const { task: end } = await failed(task);
  expect(end).toMatchObject({ StopCode: 'UserInitiated', Containers: [{ ExitCode: 137 }] });
  expect(said(family)).toContain('term');
  expect(Date.now() - started).toBeGreaterThan(1_900);
  expect(pids.map(isAlive)).toEqual([false, false]);
});

test('its role decides what it may do', async () => {
  const bucket = await freshBucket();
  const granted = await deployment.role('ecs-tasks', ['s3:PutObject']);
  const program = `const { S3Client, PutObjectCommand, GetObjectCommand } = await import('@aws-sdk/client-s3');
    const s3 = new S3Client({ forcePathStyle: true }); const at = { Bucket: '${bucket}', Key: 'k' };
    await s3.send(new PutObjectCommand({ ...at, Body: 'x' }));
    await s3.send(new GetObjectCommand(at)).then(() => console.log('read'), (error) => console.log(error.name));`;
  const family = await deployment.deployTask('grants', granted, [runner({ command: node(program) })]);
  await run(family);
  expect(said(family)).toEqual(['AccessDenied']);
});

describe('a container beside the essential one', () => {
  const spy = `id -u; cat /proc/1/environ 2>/dev/null | tr '\\0' '\\n' | grep AWS_SECRET || echo no-environment; ls ${ROOT}/package.json 2>/dev/null || echo no-files;
    ls /proc | grep -c '^[0-9]'; (exec 3<>/dev/tcp/127.0.0.1/1) 2>/dev/null; cat /sys/class/net/lo/operstate 2>/dev/null || echo no-network; echo shared > "$0/note"; (setsid sleep ${NAP} &) ; sleep ${NAP}`;
  test('is ended when the essential one has ended, with everything it started', async () => {
    const shared = { sourceVolume: 'shared', containerPath: '/shared' };
    const wait = `const fs = await import('node:fs'); for (let i = 0; i < 200 && !fs.existsSync(process.argv[1] + '/note'); i += 1) await new Promise((r) => setTimeout(r, 50)); console.log(fs.readFileSync(process.argv[1] + '/note', 'utf8').trim());`;
    const family = await deployment.deployTask(
      'beside',
      role,
      [
        runner({ command: [...node(wait), '/shared'], mountPoints: [shared] }),
        {
          name: 'database',
          user: '10002:10002',
          essential: false,
          stopTimeout: 2,
          command: ['env', '-i', 'PATH=/usr/bin:/bin', 'sh', '-c', spy, '/shared'],
          mountPoints: [shared],
        },
      ],
      [{ name: 'shared' }],
    );
    await run(family);
    expect(said(family)).toEqual(['shared']);
    const [uid, environment, files, processes] = said(family, 'database');
    expect(environment).toBe('no-environment');
    if (isolator.isolation !== 'none') expect(uid).toBe('10002');
    if (isolator.isolation !== 'none') expect([files, Number(processes) <= 8]).toEqual(['no-files', true]);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(processesNamed(`sleep ${NAP}`)).toEqual([]);
  });
});

function processesNamed(commandLine: string): string[] {
  return (process.platform === 'linux' ? [...Array(100_000).keys()] : [])
    .map(String)
    .filter((pid) => existsSync(join('/proc', pid)))
    .filter((pid) => {
      try {
        return (
          readFileSync(join('/proc', pid, 'cmdline'), 'utf8')
            .replaceAll('\0', ' ')
            .trim() === commandLine
        );
      } catch {
        return false;
      }
    });
}
