/**
 * A restore in the place of the database, which another person approves, its undo, and its end by a sign-off, deployed: calls signed by the deployed roles and
 * judged by the emulator, and machines that they wake. A part of a suite that has made a point.
 */
import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { describe, expect, it } from 'vitest';
import { clientConfig } from '../../adapters/aws/settings.ts';
import { readRequest } from '../../adapters/vault/read-approval.ts';
import { readRecord } from '../../adapters/vault/read-records.ts';
import { approvalKey, approvalRequestKey } from '../../core/approval/records.ts';
import { parseJson } from '../../core/parse-json.ts';
import { RestoreFollowUp, RestoreOutput, RestoreResult } from '../../core/restore/result.ts';
import { SignOff, signOffKey } from '../../core/sign-off/records.ts';
import { signatureKey } from '../../core/vault/keys.ts';
import { listPoints } from '../../core/vault/read-point.ts';
import { rootSettings } from '../../local/run/place.ts';
import type { DeployedSystem } from '../helpers/deployed-system.ts';
import { isRunThisTime } from '../helpers/sample-tests.ts';
import { connectToTestServer } from '../helpers/servers.ts';
import { approvedRuns } from './planted.ts';
import { signOff } from './sign-off.ts';

const ASSET = 'postgres';
const RUN_MILLISECONDS = 300_000;
const DAY_MILLISECONDS = 86_400_000;
type Role = 'requester' | 'approver';

export const describeInPlace = (deployed: () => DeployedSystem) =>
  describe('a restore in place', { timeout: RUN_MILLISECONDS }, () => {
    it('waits for another person, takes the place of the database, and is undone in the same way', async () => {
      const system = deployed();
      const { database, mark, isMarked, databases } = marked(system);
      await mark();
      const points = await listPoints(system.vault, system.plan.system, ASSET);
      const wish = { asset: ASSET, point: points[0]!.point, target: 'in-place', withoutKeys: true };

      // What cannot be saved is not touched.
      const refused = await withoutPassword(system, () => approved(system, wish).catch(String));
      expect(refused).toMatch(/Make a safety backup first: .*SourceLoginRefused/);
      expect(await databases()).toEqual([database]);
      expect(await isMarked(database)).toBe(true);

      const restored = await approved(system, wish);
      expect(restored).toMatchObject({ action: 'restore', target: 'in-place', database });
      expect(await isMarked(database)).toBe(false);
      expect(await databases()).toEqual([database, restored.kept].toSorted());
      const after = await listPoints(system.vault, system.plan.system, ASSET);
      expect(after.map(({ point }) => point)).toContain(restored.safety);
      expect(points.map(({ point }) => point)).not.toContain(restored.safety);
      const result = RestoreResult.parse(await evidence(system, restored.result));
      expect(result).toMatchObject({ kept: restored.kept, safety: restored.safety, point: points[0]!.point });

      const undone = await approved(system, { undo: restored.run });
      expect(undone).toMatchObject({ action: 'undo', database });
      expect(await isMarked(database)).toBe(true);
      expect(RestoreFollowUp.parse(await evidence(system, undone.result))).toMatchObject({ action: 'undo', of: restored.run });
      expect(await databases()).toEqual([database, undone.kept].toSorted());

      // A second time there is nothing left to do, and nobody is asked.
      const again = await approved(system, { undo: restored.run }).catch(String);
      expect(again).toMatch(/BadInput: .*was undone already, by /);
      expect(await isMarked(database)).toBe(true);
      expect(await databases()).toEqual([database, undone.kept].toSorted());
    });

    // Another restore, of twenty seconds.
    it.runIf(isRunThisTime('the sign-off of a restore in place', 2))(
      'that is signed off drops the database that it has kept, once another person agrees, and nothing else',
      async () => {
        const system = deployed();
        const { plan } = system;
        const { database, isMarked, databases } = marked(system);
        const before = await databases();
        const [{ point } = { point: '' }] = await listPoints(system.vault, plan.system, ASSET);
        const restored = await approved(system, { asset: ASSET, point, target: 'in-place', withoutKeys: true });
        expect(await databases()).toEqual([...before, restored.kept].toSorted());
        const early = await approved(system, { finish: restored.run }).catch(String);
        expect(early).toMatch(/BadInput: .*signed off/);

        await signOff(system, restored.run);
        const finished = await approved(system, { finish: restored.run });
        expect(finished).toMatchObject({ action: 'finish', database });
        expect(await databases()).toEqual(before);
        expect(await isMarked(database)).toBe(true);
        const record = RestoreFollowUp.parse(await evidence(system, finished.result));
        expect(record).toMatchObject({ action: 'finish', of: restored.run, database });
        expect(SignOff.parse(await evidence(system, signOffKey(plan.system, restored.run)))).toMatchObject({ by: { person: 'ann' } });
      },
    );
  });

/** Asks, is approved by somebody else, and ends. Throws what the machine ended with. */
async function approved(system: DeployedSystem, input: object): Promise<RestoreOutput> {
  const { plan, vault, signed } = system;
  const place = { system: plan.system, side: 'vault', vault } as const;
  const before = await approvedRuns(system);
  await expect(ask(system, 'bob', 'approver', input)).rejects.toThrow(/not authorized to perform: lambda/);
  const { name } = (await ask(system, 'ann', 'requester', input)) as { name: string };
  let hasEnded = false;
  const ending = system.run('restore', JSON.parse(JSON.stringify(input)), 'vault', name).finally(() => (hasEnded = true));
  const asked = async () => (await approvedRuns(system)).find((run) => !before.includes(run));
  await expect.poll(async () => hasEnded || (await asked()) !== undefined, { timeout: 120_000 }).toBe(true);
  const run = await asked();
  if (run !== undefined) {
    const records = await readRequest(place, run);
    expect(records?.request).toMatchObject({ author: { person: 'ann', role: `holdfast-${plan.system}-requester` }, needed: 1 });
    const decide = (person: string, role: Role = 'approver', more: object = {}) =>
      signed({
        place: 'vault',
        handler: 'approval/decide',
        body: { run, outcome: 'approved', requestSha256: records!.requestSha256, ...more },
        as: { role, person },
      });
    await expect(decide('ann')).rejects.toThrow(/nobody approves a request of his own/);
    await expect(decide('bob', 'requester')).rejects.toThrow(/not authorized to perform: lambda/);
    await expect(decide('bob', 'approver', { by: 'cleo' })).rejects.toThrow(/by/);
    await expect(decide('aws-sdk-js-17')).rejects.toThrow(/names nobody/);
    await expect(decide('bob')).resolves.toMatchObject({ by: 'bob', state: 'approved' });
    const end = await ending;
    await expect(decide('cleo')).rejects.toThrow(/takes no decision any more/);
    await isKept(system, approvalRequestKey(plan.system, run, 'vault'));
    await isKept(system, approvalKey(plan.system, run, 1, 'vault'));
    if (end.status === 'SUCCEEDED') return RestoreOutput.parse(end.output);
  }
  const end = await ending;
  throw new Error(end.status === 'SUCCEEDED' ? 'It did not wait for anybody' : `${end.error}: ${end.cause}`);
}

const ask = ({ signed }: DeployedSystem, person: string, role: Role, input: object) =>
  signed({ place: 'vault', handler: 'approval/take-request', body: { input }, as: { role, person } });

/** Signed and locked, in both vaults. */
async function isKept({ vault, replica }: DeployedSystem, key: string): Promise<void> {
  for (const reader of [vault, replica])
    for (const one of [key, signatureKey(key)]) {
      const days = (((await reader.head({ key: one }))?.lockedUntil?.getTime() ?? 0) - Date.now()) / DAY_MILLISECONDS;
      expect(days, `${reader.bucket}/${one}`).toBeGreaterThan(3640);
    }
}

async function evidence(system: DeployedSystem, key: string): Promise<unknown> {
  await isKept(system, key);
  return parseJson((await readRecord(system.vault, key))!.body);
}

/** The login of dumps alone; restores have one of their own. */
async function withoutPassword<T>({ place, plan, source }: DeployedSystem, during: () => Promise<T>): Promise<T> {
  const secrets = new SecretsManagerClient(clientConfig(rootSettings(place)));
  const put = (password: string) =>
    secrets.send(
      new PutSecretValueCommand({
        SecretId: plan.assets.find(({ id }) => id === ASSET)!.source.secret,
        SecretString: JSON.stringify({ ...source.secret, password }),
      }),
    );
  await put('not-the-password');
  try {
    return await during();
  } finally {
    await put(source.secret.password);
  }
}

/** Something that the database has and no point of it. */
function marked({ source }: DeployedSystem) {
  const database = source.secret.dbname;
  const query = async (of: string, sql: string) => {
    const client = await connectToTestServer(of);
    try {
      return (await client.query<{ name: string }>(sql)).rows.map(({ name }) => name);
    } finally {
      await client.end();
    }
  };
  return {
    database,
    mark: () => query(database, 'CREATE TABLE written_since (id int)'),
    isMarked: async (of: string) => (await query(of, `SELECT 'x' AS name FROM pg_tables WHERE tablename = 'written_since'`)).length > 0,
    databases: () => query('postgres', `SELECT datname AS name FROM pg_database WHERE datname LIKE '${database}%' ORDER BY 1`),
  };
}
