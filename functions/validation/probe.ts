import type { z } from 'zod';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { clientConfig } from '../../adapters/aws/settings.ts';
import { probeHttp, probeLogin, type Account } from '../../adapters/http/probe.ts';
import { openBucket } from '../../adapters/s3/bucket.ts';
import { putSameOnce } from '../../adapters/vault/put-records.ts';
import { AccountSecret, ProbeEnvironment, ProbeRequest, type ProbeAnswer, type ProbedPaper } from '../../core/validation/contract.ts';
import type { CheckResult } from '../../core/drill/contract.ts';
import { parseJson } from '../../core/parse-json.ts';
import { durationSeconds } from '../../core/plan/durations.ts';
import type { ObjectReader, ObjectWriter } from '../../core/ports/object-store.ts';
import { sayFailed } from '../../core/validation/judge-answer.ts';
import { restorePaperKey } from '../../core/vault/keys.ts';
import { handle } from '../edge.ts';

const WAIT_SECONDS = 10;

export type ProbePorts = {
  system: string;
  vault: ObjectReader & ObjectWriter;
  now: () => Date;
  /** Undefined when it cannot be read. */
  readAccount: (secret: string) => Promise<Account | undefined>;
};

/** Asks everything that has not passed yet; what does not pass is asked again as long as the plan says. In the end it is written down. */
export async function probe(
  { asset, run, probes: set, since, results }: z.output<typeof ProbeRequest>,
  { system, vault, now, readAccount }: ProbePorts,
): Promise<ProbeAnswer> {
  const startedAt = since === '' ? now().toISOString() : since;
  const earlier = new Map(results.map((result) => [result.name, result]));
  const unless = async (name: string, again: () => Promise<CheckResult>) => {
    const known = earlier.get(name);
    return known?.outcome === 'passed' ? known : again();
  };
  const all = await Promise.all([
    ...set.probes.map((one) => unless(one.name, () => probeHttp(one))),
    ...set.logins.map((one) => unless(one.name, async () => probeLogin(one, await readAccount(one.secret)))),
  ]);
  const elapsedSeconds = (now().getTime() - Date.parse(startedAt)) / 1000;
  const limits = new Map([...set.probes, ...set.logins].map(({ name, within }) => [name, durationSeconds(within)]));
  const waits = all.some(({ name, outcome }) => outcome === 'failed' && elapsedSeconds < (limits.get(name) ?? 0));
  if (waits) return { done: false, waitSeconds: WAIT_SECONDS, since: startedAt, results: all, passed: false, message: '' };
  const paper: ProbedPaper = { startedAt, finishedAt: now().toISOString(), checks: all };
  await putSameOnce(vault, restorePaperKey(system, asset, run, 'probed'), JSON.stringify(paper));
  const passed = all.every(({ outcome }) => outcome === 'passed');
  return { done: true, waitSeconds: 0, since: startedAt, results: all, passed, message: sayFailed(all) };
}

function connect(environment: z.output<typeof ProbeEnvironment>): ProbePorts {
  const { reader, writer } = openBucket(environment.VAULT_BUCKET, {}, process.env);
  const secrets = new SecretsManagerClient(clientConfig({}));
  return {
    system: environment.SYSTEM,
    vault: { ...reader, ...writer },
    now: () => new Date(),
    async readAccount(secret) {
      const { SecretString } = await secrets
        .send(new GetSecretValueCommand({ SecretId: secret }))
        .catch(() => ({ SecretString: undefined }));
      return AccountSecret.safeParse(parseJson(SecretString ?? '')).data;
    },
  };
}

export const handler = handle({ environment: ProbeEnvironment, request: ProbeRequest, connect, run: probe });
