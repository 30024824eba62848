/** A run that ends for good after its dump, and the one that finishes its point: with the decisions that admission really makes. */
import { describe, expect, test } from 'vitest';
import { BackupOutput } from '../../../core/backup/contract.ts';
import { decideAdmission, decidePointState } from '../../../core/backup/decide-admission.ts';
import { readBackupInput } from '../../../core/backup/read-input.ts';
import type { ExecutionState } from '../../../core/ports/executions.ts';
import type { Fact } from '../../../core/vault/facts.ts';
import type { Json } from '../../../local/interpreter/language.ts';
import { ANSWERS, attempt, batch, point, refuse, reports } from './answers.ts';
import { runMachine } from './run-machine.ts';
import type { Answers, Call } from './run-machine.ts';

const AFTER_THE_DUMP = [
  'Verify every byte',
  'Lock the point',
  'Plan the copy',
  'Copy one batch of parts',
  'Complete the copy',
  'Record the point',
  'Sign the records',
  'Lock the records',
  'Copy the records',
];
const LEAVES_FACT: Record<string, Fact['kind']> = {
  'Verify every byte': 'verified',
  'Lock the point': 'locked',
  'Complete the copy': 'replicated',
};
const SLOT = '2026-11-21T02:00:00Z';

/** One slot of one asset, over several executions. */
function makeSlot() {
  const done = new Set<string>();
  const claims: { execution: string; state: ExecutionState }[] = [];

  const admit = ({ payload }: Call, execution: string): Json => {
    const now = new Date(payload['startedAt'] as string);
    const { asset, slot } = readBackupInput(payload['input'], ['ida-db'], execution, now);
    expect([asset, slot]).toEqual(['ida-db', point]);
    const last = claims.at(-1);
    const claim = { format: 'holdfast/claim/v1', system: 'ida', asset, slot, run: attempt.run, claimedAt: now.toISOString() } as const;
    const highest = last && { claim: { ...claim, claim: claims.length, execution: last.execution }, state: last.state };
    const kinds = new Set(Object.entries(LEAVES_FACT).flatMap(([step, kind]) => (done.has(step) ? [kind] : [])));
    const listed = done.has('Dump the database') ? { kinds, isSigned: done.has('Sign the records') } : undefined;
    const admission = decideAdmission({ execution, highest, point: decidePointState(listed), now });
    if (admission.decision === 'refuse') return { admitted: false, reason: admission.reason };
    claims.push({ execution, state: 'running' });
    return { admitted: true, ...attempt, claim: admission.claim, committed: admission.committed };
  };

  /** @param failing the state that fails, however often it is tried */
  return async (execution: string, input: Json, failing?: string) => {
    const works: Answers = { ...ANSWERS.backup, 'copy-plan-copy': () => ({ batches: [batch] }) };
    const answers: Answers = Object.fromEntries(
      Object.entries(works).map(([name, answer]): [string, Answers[string]] => [
        name,
        (call, earlier) => {
          if (call.state === failing) return refuse();
          done.add(call.state);
          return name === 'backup-admit-slot' ? admit(call, execution) : answer(call, earlier);
        },
      ]),
    );
    const end = await runMachine('backup', input, answers);
    const own = claims.find((claim) => claim.execution === execution);
    if (own) own.state = end.status === 'SUCCEEDED' ? 'succeeded' : 'failed';
    return { ...end, steps: end.calls.map((call) => call.state).filter((state) => !state.startsWith('Report')) };
  };
}

describe.each(AFTER_THE_DUMP)('when %s failed for good', (failing) => {
  test.each<[string, Json]>([
    ['the id of the point', { asset: 'ida-db', point }],
    ['the slot', { asset: 'ida-db', slot: SLOT }],
  ])('a start with %s finishes the point without a second dump', async (_, input) => {
    const run = makeSlot();
    const first = await run('first', { asset: 'ida-db', slot: SLOT }, failing);
    expect(first).toMatchObject({ status: 'FAILED', error: 'VaultRefused' });
    expect(reports(first.calls)).toMatchObject([{ stage: 'backup', point }]);

    const second = await run('second', input);
    expect(BackupOutput.parse('output' in second ? second.output : second)).toMatchObject({ committed: true, point });
    expect(second.steps).toEqual(['Admit the slot', ...AFTER_THE_DUMP]);

    const third = await run('third', input);
    expect(third).toMatchObject({
      status: 'SUCCEEDED',
      output: { committed: false, reason: expect.stringContaining('finished') as string },
    });
    expect(third.steps).toEqual(['Admit the slot']);
  });

  test('a start that fails in its turn leaves the point to the next one', async () => {
    const run = makeSlot();
    for (const execution of ['first', 'second', 'third'])
      expect(await run(execution, { asset: 'ida-db', slot: SLOT }, failing)).toMatchObject({ status: 'FAILED' });
    expect((await run('fourth', { asset: 'ida-db', point })).steps).toEqual(['Admit the slot', ...AFTER_THE_DUMP]);
  });
});

test('when the dump failed for good there is nothing to finish: the next start dumps', async () => {
  const run = makeSlot();
  expect(await run('first', { asset: 'ida-db', slot: SLOT }, 'Dump the database')).toMatchObject({ status: 'FAILED' });
  expect((await run('second', { asset: 'ida-db', slot: SLOT })).steps).toEqual(['Admit the slot', 'Dump the database', ...AFTER_THE_DUMP]);
});
