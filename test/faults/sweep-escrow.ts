/** An escrow of which one call of AWS fails: what is said to be recoverable is, in both regions, and the next run has it all. */
import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import { envelopeOpener } from '../../adapters/escrow/envelope.ts';
import { EscrowEvidence, envelopeContext } from '../../core/escrow/contract.ts';
import { ReadBackFact } from '../../core/escrow/facts.ts';
import { escrowPrefix, evidencePrefix, valuePrefix } from '../../core/vault/keys.ts';
import { HOME, REPLICA } from '../functions/escrow/escrow-world.ts';
import { expectVouchedFor } from './expect-truth.ts';
import type { PlannedFault } from './failing-calls.ts';
import { forgetEvidence } from './pipeline.ts';
import { expectSuccess, failureOf, runStage } from './run-stage.ts';
import { escrowStage } from './stages.ts';
import { sweep } from './sweep.ts';
import type { World } from './world.ts';

async function faultedRun(world: World, fault: PlannedFault | undefined, where: string) {
  const { calls: aws, escrow } = world;
  const key = world.nextKey();
  const value = randomBytes(32).toString('hex');
  await escrow.putSecret(key, value);
  const stage = escrowStage(world.of, key);
  aws.begin(fault);
  const first = await runStage(stage, { key }, `${key}-one`);
  const calls = [...aws.calls()];
  const isTouched = aws.hasFailed();
  const failure = failureOf(first);
  if (!isTouched) expectSuccess(first, where);
  await expectTrue(world, key, value, where);
  if (failure !== undefined) expect(failureOf(await runStage(stage, { key }, `${key}-two`)), `${where}: the next run`).toBeUndefined();
  const { readBacks, envelopes } = await expectTrue(world, key, value, where);
  expect(readBacks, where).toEqual([HOME, REPLICA]);
  expect(envelopes[0], `${where}: the same bytes in both regions`).toEqual(envelopes[1]);
  for (const side of ['vault', 'replica'] as const) await expectVouchedFor(world, side, 'none', where, { failedRun: failure && first.run });
  return { calls, end: isTouched ? failure : 'untouched' };
}

/** What facts and evidence say of the key is so. Answers with the regions that have it by their facts, and with the envelopes. */
async function expectTrue({ system, vault, escrow }: World, key: string, value: string, where: string) {
  const readBacks = new Set<string>();
  const envelopes: Buffer[] = [];
  for (const region of [HOME, REPLICA]) {
    const { reader } = escrow.bucket(region);
    const keys: string[] = [];
    for await (const { key: stored, versionId } of reader.listVersions(escrowPrefix(system, key))) {
      keys.push(stored);
      // A call that fails says nothing of the key.
      expect(stored, where).not.toContain('/lost-');
      const body = Buffer.from((await reader.get({ key: stored, versionId }))?.body ?? '');
      if (stored.includes('/envelope')) envelopes.push(body);
      if (!stored.includes('/readback-')) continue;
      const fact = ReadBackFact.parse(JSON.parse(body.toString()));
      const envelope = await reader.get({
        key: `${valuePrefix(system, key, fact.fingerprint)}${fact.envelope}`,
        versionId: fact.envelopeVersionId,
      });
      const opener = envelopeOpener(escrow.kms(), escrow.escrowAliasArn(region));
      const opened = await opener.open(envelope?.body ?? new Uint8Array(), envelopeContext(system, key));
      expect(Buffer.from(opened).toString(), `${where}: the value in ${region}`).toBe(value);
      readBacks.add(region);
    }
    expect(keys.length, `${where}: written twice in ${region}`).toBe(new Set(keys).size);
  }
  for await (const { key: stored } of vault.list(evidencePrefix(system))) {
    if (!/\/escrow-[^/]*Z-\w+\.json$/.test(stored)) continue;
    const evidence = EscrowEvidence.parse(JSON.parse(Buffer.from((await vault.get({ key: stored }))?.body ?? '').toString()));
    if (evidence.outcome === 'escrowed') expect([...readBacks], `${where}: ${stored}`).toEqual([HOME, REPLICA]);
  }
  return { readBacks: [...readBacks], envelopes };
}

export async function sweepEscrow(world: World): Promise<void> {
  const { calls } = await faultedRun(world, undefined, 'without a fault');
  const plan = { what: 'escrow', positions: calls.length, sample: 1, calls: world.calls };
  await sweep(plan, async (fault, where) => {
    try {
      return (await faultedRun(world, fault, where)).end;
    } finally {
      // Evidence is the whole system's: what one case leaves is not to be found at the next.
      await forgetEvidence(world);
    }
  });
}
