import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { applicationEntryPoint } from '../../../infra/drill/application.ts';
import { APPLICATION_DIR } from '../../../infra/task.ts';
import { StateFailed } from '../../../local/interpreter/errors.ts';
import { createIsolator, type Isolator } from '../../../local/run/isolation.ts';
import { roleAssumer } from '../../../local/run/roles.ts';
import { taskHost, type TaskHost } from '../../../local/run/tasks.ts';
import { ROOT, testDeployment, testPlace } from './deployed.ts';

const DIGEST = 'c'.repeat(64);
const deployment = testDeployment();
const imagesDir = mkdtempSync(join(tmpdir(), 'holdfast-images-'));
const lines: string[] = [];
let host: TaskHost;
let isolator: Isolator;
let role: string;

beforeAll(async () => {
  role = await deployment.role('ecs-tasks');
  isolator = await createIsolator(process.env);
  const { binDir, major } = inject('postgres');
  const place = testPlace();
  host = taskHost({
    place,
    assumeRole: roleAssumer(place),
    executionsUrl: 'https://localhost:1',
    isolator,
    appDir: ROOT,
    imagesDir,
    programs: { binDir, major, version: String(major), origin: 'embedded' },
    databaseCaPath: place.caPath,
    onLine: (source, line) => lines.push(`${source.replace(/^.*\//, '')}: ${line}`),
  });
  mkdirSync(join(imagesDir, DIGEST), { mode: 0o755 });
  writeFileSync(join(imagesDir, DIGEST, 'server.mjs'), SERVER, { mode: 0o644 });
});
afterAll(() => {
  host.close();
  deployment.remove();
  rmSync(imagesDir, { recursive: true, force: true });
});

/** Says whom it runs as and what it was told. */
const SERVER = `
  import { createServer } from 'node:http';
  const told = Object.keys(process.env).filter((name) => /^(AWS|ECS)_/.test(name));
  const answer = JSON.stringify({ uid: process.getuid(), greeting: process.env.GREETING, told });
  createServer((request, response) => response.end(answer)).listen(Number(process.argv[2]), '127.0.0.1');`;

/** As the runner of a drill speaks to it. */
const RUNNER = `
  import { existsSync, renameSync, writeFileSync } from 'node:fs';
  const directory = process.env.APPLICATION_DIR;
  const waitFor = async (found) => { for (let tries = 0; tries < 600; tries++) { const value = await found(); if (value) return value; await new Promise((r) => setTimeout(r, 100)); } process.exit(5); };
  const say = (name, text) => { writeFileSync(directory + '/.' + name, text, { mode: 0o644 }); renameSync(directory + '/.' + name, directory + '/' + name); };
  await waitFor(() => existsSync(directory + '/waiting'));
  say('environment', "export GREETING='it'\\\\''s up'\\n");
  say('start', '');
  console.log(await waitFor(() => fetch('http://127.0.0.1:' + process.env.PORT).then((r) => r.text(), () => '')));
  say('stop', '');
  await waitFor(() => existsSync(directory + '/ended'));`;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function runTask(family: string, image: string): Promise<unknown> {
  const port = await freePort();
  const mountPoints = [{ sourceVolume: 'application', containerPath: APPLICATION_DIR }];
  const name = await deployment.deployTask(
    family,
    role,
    [
      {
        name: 'runner',
        user: '10001:10001',
        command: ['node', '--input-type=module', '-e', RUNNER],
        environment: [
          { name: 'APPLICATION_DIR', value: APPLICATION_DIR },
          { name: 'PORT', value: String(port) },
        ],
        mountPoints,
      },
      {
        name: 'application',
        image,
        user: '10003:10003',
        essential: false,
        entryPoint: applicationEntryPoint(),
        command: ['node', 'server.mjs', String(port)],
        portMappings: [{ containerPort: port }],
        dependsOn: [{ containerName: 'runner', condition: 'START' }],
        mountPoints,
      },
    ],
    [{ name: 'application' }],
  );
  return host.run({ TaskDefinition: name }, { signal: new AbortController().signal, heartbeat: () => {}, state: 'Test' });
}

test('a container of another image runs beside the runner, which reaches its port, as whom it should and told nothing of AWS', async () => {
  expect(await runTask('beside', `registry.example/shop@sha256:${DIGEST}`)).toMatchObject({
    Containers: [
      { Name: 'runner', ExitCode: 0 },
      { Name: 'application', ExitCode: 0 },
    ],
  });
  const answer: unknown = JSON.parse(lines.find((line) => line.startsWith('runner: '))?.slice('runner: '.length) ?? '{}');
  const isApart = isolator.isolation !== 'none';
  expect(answer).toEqual({ uid: isApart ? 10_003 : process.getuid?.(), greeting: "it's up", told: [] });
});

test('an image that is not there keeps the task from starting, and says where its files would be', async () => {
  const error: unknown = await runTask('missing', `registry.example/shop@sha256:${'d'.repeat(64)}`).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(StateFailed);
  const task = JSON.parse((error as StateFailed).message) as { StopCode: string; Containers: { Reason: string }[] };
  expect(task.StopCode).toBe('TaskFailedToStart');
  expect(task.Containers[0]?.Reason).toContain('CannotPullContainerError');
  expect(task.Containers[0]?.Reason).toContain(join(imagesDir, 'd'.repeat(64)));
});
