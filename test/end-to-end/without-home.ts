/**
 * The home region is gone: drill and restore from the replica vault, with nothing but what stands in the second region. The last part
 * of a suite that has escrowed the keys and made a point: a deployment of its own would take longer than all of it.
 */
import { request } from 'node:https';
import { DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { ListBucketsCommand } from '@aws-sdk/client-s3';
import { ListSecretsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { ListStateMachinesCommand, SFNClient } from '@aws-sdk/client-sfn';
import { beforeAll, describe, expect, it } from 'vitest';
import { s3Client } from '../../adapters/s3/client.ts';
import { clientConfig } from '../../adapters/aws/settings.ts';
import { DrillEvidence } from '../../core/drill/contract.ts';
import { keyAlias } from '../../core/names.ts';
import { evidencePrefix, signatureKey } from '../../core/vault/keys.ts';
import { readPoint } from '../../core/vault/read-point.ts';
import type { ExecutionResult } from '../../local/interpreter/execution.ts';
import { rootSettings } from '../../local/run/place.ts';
import { connectToTestServer } from '../helpers/servers.ts';
import { readContent } from '../helpers/database-content.ts';
import type { DeployedSystem } from '../helpers/deployed-system.ts';

const RUN_MILLISECONDS = 180_000;

const succeeded = (end: ExecutionResult) =>
  expect(end.status === 'SUCCEEDED' ? 'SUCCEEDED' : `${end.error}: ${end.cause}`).toBe('SUCCEEDED');

/** @param point one that is proven at home */
export const describeWithoutHome = (deployed: () => DeployedSystem, point: string) =>
  describe('without the home region', { timeout: RUN_MILLISECONDS }, () => {
    let system: DeployedSystem;
    beforeAll(() => {
      system = deployed();
      system.door.shut(system.plan.home.region);
    });

    it('is refused by each of its services, and answered by those of the second region', async () => {
      const ask = (region: string) => {
        const root = rootSettings(region === system.plan.home.region ? system.place : system.replicaPlace, region);
        const settings = { ...clientConfig({ ...root, endpointUrl: system.door.url }), maxAttempts: 1 };
        return Promise.allSettled([
          s3Client({ ...root, endpointUrl: system.door.url }, {}).send(new ListBucketsCommand({})),
          new KMSClient(settings).send(new DescribeKeyCommand({ KeyId: keyAlias(system.plan.system, 'escrow') })),
          new SecretsManagerClient(settings).send(new ListSecretsCommand({})),
          new SFNClient(settings).send(new ListStateMachinesCommand({})),
          knock(system.door.url, 'ecr', region),
        ]);
      };
      const outcomes = async (region: string) => (await ask(region)).map(({ status }) => status);
      expect(await outcomes(system.plan.home.region)).toEqual(Array(5).fill('rejected'));
      expect(await outcomes(system.plan.replica.region)).toEqual(Array(5).fill('fulfilled'));
      expect(new Set(system.door.refused.map(({ service }) => service))).toEqual(new Set(['s3', 'kms', 'secretsmanager', 'states', 'ecr']));
    });

    it('drills a point of the replica, with the escrowed key of the second region', async () => {
      const before = system.door.refused.length;
      const end = await system.run('drill', { asset: 'postgres', point, from: 'replica' }, 'replica');
      succeeded(end);
      expect(end).toMatchObject({ output: { outcome: 'passed', from: 'replica' } });
      const records = await readPoint(system.replica, system.plan.system, 'postgres', point);
      const drilled = records!.facts.find((fact) => fact.kind === 'drilled' && fact.from === 'replica');
      expect(drilled).toMatchObject({ outcome: 'passed', from: 'replica' });
      const record = await system.replica.get({ key: drilled!.kind === 'drilled' ? drilled!.evidence : '' });
      const evidence = DrillEvidence.parse(JSON.parse(Buffer.from(record!.body).toString()));
      // The canary opened: the key came out of the envelope of the second region's own escrow bucket, under its own KMS key.
      expect(evidence.result?.checks.filter(({ kind, outcome }) => kind === 'canary' && outcome === 'passed').length).toBeGreaterThan(1);
      expect(system.door.refused.slice(before)).toEqual([]);
    });

    it('signs and locks the evidence there', async () => {
      const evidence: string[] = [];
      for await (const { key, versionId } of system.replica.listVersions(evidencePrefix(system.plan.system)))
        if (/\/drill-\d[^/]*\.json$/.test(key)) {
          evidence.push(key);
          const head = await system.replica.head({ key, versionId });
          expect(head?.lockedUntil?.getTime() ?? 0, key).toBeGreaterThan(Date.now() + 3 * 365 * 86_400_000);
        }
      const [drill] = evidence.filter((key) => !key.endsWith('.dsse.json'));
      expect(evidence).toContain(signatureKey(drill!));
    });

    it('restores into a new database, with the login that stands in the second region', async () => {
      const before = system.door.refused.length;
      const to = `recovered_${system.plan.system}`;
      succeeded(await system.run('restore', { asset: 'postgres', point: 'latest', to, from: 'replica' }, 'replica'));
      expect(system.door.refused.slice(before)).toEqual([]);
      const [source, restored] = await Promise.all([system.source.secret.dbname, to].map((database) => connectToTestServer(database)));
      try {
        expect(await readContent(restored!)).toEqual(await readContent(source!));
      } finally {
        await Promise.all([source!.end(), restored!.end()]);
      }
      const asked = Map.groupBy(system.door.passed, ({ service }) => service);
      console.log(
        `Asked of ${system.plan.replica.region} alone: ${[...asked].map(([service, calls]) => `${service || 'unsigned'} ${calls.length}`).join(', ')}`,
      );
    });
  });

/** Resolves when there is an answer, whatever it is: of a service that has no client here. */
const knock = (url: string, service: string, region: string) =>
  new Promise((resolve, reject) => {
    const authorization = `AWS4-HMAC-SHA256 Credential=none/20261121/${region}/${service}/aws4_request, SignedHeaders=host, Signature=0`;
    request(url, { method: 'POST', headers: { authorization } }, (answer) => resolve(answer.resume()))
      .on('error', reject)
      .end();
  });
