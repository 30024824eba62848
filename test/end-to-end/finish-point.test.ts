/** On a deployed system whose signing key is gone for a while: nothing that was done is done again, and nothing is left half done. */
import { CreateAliasCommand, DeleteAliasCommand, DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientConfig } from '../../adapters/aws/settings.ts';
import { keyAlias } from '../../core/names.ts';
import { pointDataPrefix, pointPrefix, signatureKey } from '../../core/vault/keys.ts';
import { listPoints } from '../../core/vault/read-point.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import type { ExecutionResult } from '../../local/interpreter/execution.ts';
import { rootSettings } from '../../local/run/place.ts';
import { connectToTestServer } from '../helpers/servers.ts';
import { deploySystem, type DeployedSystem } from '../helpers/deployed-system.ts';
import { isRunThisTime } from '../helpers/sample-tests.ts';

let system: DeployedSystem;
let kms: KMSClient;

beforeAll(async () => {
  system = await deploySystem();
  kms = new KMSClient(clientConfig(rootSettings(system.place)));
}, 300_000);
afterAll(() => system?.close());

/** Runs `during` while the alias of the signing key leads nowhere. */
async function withoutSigningKey<T>(during: () => Promise<T>): Promise<T> {
  const AliasName = keyAlias(system.plan.system, 'evidence');
  const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: AliasName }));
  await kms.send(new DeleteAliasCommand({ AliasName }));
  try {
    return await during();
  } finally {
    await kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: KeyMetadata?.KeyId }));
  }
}

const keysOf = async (reader: ObjectReader, prefix: string) => {
  const keys: string[] = [];
  for await (const { key } of reader.listVersions(prefix)) keys.push(key);
  return keys;
};
const endOf = (end: ExecutionResult) => (end.status === 'SUCCEEDED' ? end.output : `${end.error}: ${end.cause}`);

// In one run of two: suites of less take each step of it.
describe.runIf(isRunThisTime('points that are finished, end to end', 2))('while nothing can be signed', { timeout: 180_000 }, () => {
  it('a backup leaves a point that a later run finishes without a dump', async () => {
    const failed = await withoutSigningKey(() => system.run('backup', { asset: 'postgres' }));
    const [listed] = await listPoints(system.vault, system.plan.system, 'postgres');
    const { point } = listed!;
    expect(listed).toMatchObject({ isSigned: false });
    expect(endOf(failed)).toMatch(new RegExp(`^\\w+: Sign the records: .*Then: npx holdfast backup postgres --finish ${point}$`));
    const data = await keysOf(system.vault, pointDataPrefix(system.plan.system, 'postgres', point));

    expect(endOf(await system.run('backup', { asset: 'postgres', point }))).toMatchObject({ committed: true, point });
    expect(await keysOf(system.vault, pointDataPrefix(system.plan.system, 'postgres', point))).toEqual(data);
    const records = await keysOf(system.vault, pointPrefix(system.plan.system, 'postgres', point));
    expect(await keysOf(system.replica, pointPrefix(system.plan.system, 'postgres', point))).toEqual(records);
    expect(records.filter((key) => /\/verified-[^.]+\.json$/.test(key))).toHaveLength(2);

    expect(endOf(await system.run('backup', { asset: 'postgres', point }))).toMatchObject({ committed: false });
    expect(endOf(await system.run('backup', { asset: 'postgres', point: '20200101T000000Z' }))).toMatch(/^PointMissing: .*has no point/);
  });

  it('a restore says that it worked, and one with the key leaves signed evidence in both vaults', async () => {
    // No key was escrowed here, and none is needed for this.
    // A restore needs a login that may give objects to the roles that own them.
    const { username, dbname } = system.source.secret;
    const server = await connectToTestServer(dbname);
    await server.query(`alter role ${server.escapeIdentifier(username)} superuser`);
    await server.end();
    const failed = await withoutSigningKey(() =>
      system.run('restore', { asset: 'postgres', point: 'latest', withoutKeys: true, to: `one_${system.plan.system}` }),
    );
    expect(endOf(failed)).toMatch(/^\w+: The restore worked: the point [\w-]+ stands in the new database one_\w+\. .*Sign the evidence/);

    const { result } = endOf(
      await system.run('restore', { asset: 'postgres', point: 'latest', withoutKeys: true, to: `two_${system.plan.system}` }),
    ) as {
      result: string;
    };
    for (const vault of [system.vault, system.replica])
      for (const key of [result, signatureKey(result)]) {
        const days = (((await vault.head({ key }))?.lockedUntil?.getTime() ?? 0) - Date.now()) / 86_400_000;
        expect(days, `${vault.bucket}/${key}`).toBeGreaterThan(3640);
      }
  });
});
