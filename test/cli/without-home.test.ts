/** Drill and restore from the replica are started in the second region, whatever has become of the first. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { CreateStateMachineCommand, DescribeExecutionCommand, SFNClient } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { clientConfig } from '../../adapters/aws/settings.ts';
import { stateMachineName } from '../../core/names.ts';
import { envelopeKey, escrowFactKey } from '../../core/vault/keys.ts';
import { openRegionDoor, type RegionDoor } from '../../local/servers/region-door.ts';
import { createTlsFiles } from '../../local/servers/tls-files.ts';
import { rootSettings } from '../helpers/servers.ts';
import { emulatorEnvironment, holdfast } from './run-holdfast.ts';
import { HOME, makeWorld, REPLICA, type World } from './world.ts';

const directory = mkdtempSync(join(tmpdir(), 'holdfast-cli-door-'));
let world: World;
let door: RegionDoor;
let environment: Record<string, string>;
const client = new SFNClient(clientConfig(rootSettings(REPLICA)));

beforeAll(async () => {
  world = await makeWorld();
  const tls = createTlsFiles(directory, new Date());
  const { endpointUrl, caPath } = inject('emulator');
  door = await openRegionDoor({ endpointUrl, caPath, ...tls.issue('door') });
  door.shut(HOME);
  const both = join(directory, 'both.pem');
  writeFileSync(both, [caPath, tls.caPath].map((path) => readFileSync(path, 'utf8')).join('\n'));
  environment = { ...emulatorEnvironment(), AWS_ENDPOINT_URL: door.url, NODE_EXTRA_CA_CERTS: both };
  const trust = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 'states.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  };
  const { Role } = await new IAMClient(clientConfig(rootSettings(HOME))).send(
    new CreateRoleCommand({ RoleName: `${world.system}-replica-machine`, AssumeRolePolicyDocument: JSON.stringify(trust) }),
  );
  const definition = JSON.stringify({ StartAt: 'Take long', States: { 'Take long': { Type: 'Wait', Seconds: 60, End: true } } });
  for (const stage of ['drill', 'restore'] as const)
    await client.send(
      new CreateStateMachineCommand({ name: stateMachineName(world.system, stage, 'replica'), definition, roleArn: Role?.Arn ?? '' }),
    );
});
afterAll(async () => {
  await door.close();
  world.remove();
  rmSync(directory, { recursive: true });
});

test.each([
  ['drill', ['drill'], { asset: 'postgres', from: 'replica' }],
  ['restore', ['restore', 'latest', '--to', 'recovered'], { asset: 'postgres', point: 'latest', from: 'replica', to: 'recovered' }],
])('%s --from replica asks nothing of home but whose credentials these are', async (stage, words, input) => {
  const { code, stdout, stderr } = await holdfast([...words, '--from', 'replica', '--detach', '--output', 'json', '--plan', world.plan], {
    environment,
  });
  expect(code, stderr).toBe(0);
  const { execution } = JSON.parse(stdout) as { execution: string };
  expect(execution).toContain(`arn:aws:states:${REPLICA}:000000000000:execution:holdfast-${world.system}-${stage}-replica:by-hand-`);
  const described = await client.send(new DescribeExecutionCommand({ executionArn: execution }));
  expect(JSON.parse(described.input ?? '')).toEqual(input);
  expect(new Set(door.refused.map(({ service }) => service))).toEqual(new Set(['sts']));
});

test.each(['list', 'report'])('%s --from replica shows what is there, and says that home does not answer', async (verb) => {
  const { code, stdout, stderr } = await holdfast(
    [verb, '--from', 'replica', '--plan', world.plan, ...(verb === 'report' ? ['--out', join(directory, 'pages')] : [])],
    { environment },
  );
  expect([0, 1], stderr).toContain(code);
  expect(`${stdout}${stderr}`).toMatch(/s3:\/\/\S+ does not answer/);
  if (verb === 'report') expect(stdout).toContain('npx holdfast report --from vault');
});

test('without --from the same says that nothing answers', async () => {
  const { code, stderr } = await holdfast(['drill', '--plan', world.plan], { environment });
  expect(code).toBe(69);
  expect(stderr).toContain(`Starting the state machine holdfast-${world.system}-drill had no answer`);
});

test('list and report --from replica judge a key by what is there, and say of home that it was not seen', async () => {
  const key = 'wallet-encryption-key';
  const fingerprint = 'ab'.repeat(32);
  const at = new Date(Date.now() - 3_600_000);
  const run = `${at.toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z-abcdef`;
  const readBack = {
    format: 'holdfast/escrow-fact/v1',
    kind: 'readback',
    system: world.system,
    key,
    fingerprint,
    id: run,
    at: at.toISOString(),
    region: REPLICA,
    regionFingerprint: fingerprint,
    envelopeVersionId: 'v',
  };
  const { writer } = world.replicaEscrow;
  await writer.putOnce(envelopeKey(world.system, key, fingerprint), 'sealed');
  await writer.putOnce(escrowFactKey(world.system, key, fingerprint, 'current', run), '{}');
  await writer.putOnce(escrowFactKey(world.system, key, fingerprint, 'readback', run), JSON.stringify(readBack));
  const asked = ['--from', 'replica', '--plan', world.plan];
  const listed = await holdfast(['list', ...asked], { environment });
  const pages = join(directory, 'seen');
  await holdfast(['report', ...asked, '--out', pages], { environment });
  const page = readFileSync(join(pages, `${world.system}.html`), 'utf8');
  for (const text of [listed.stdout, page]) {
    expect(text).toMatch(/Not seen: what there is of it in the vault.s region/);
    expect(text).not.toContain('was never read back in');
  }
  expect(page).toContain('<span>current</span>');
});
