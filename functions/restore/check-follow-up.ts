/** What somebody asks of what an earlier restore has left: the database that it has kept, and what it has stopped. */
import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { findFollowUps, NOTHING_KEPT } from '../../adapters/vault/find-follow-up.ts';
import { readRecord } from '../../adapters/vault/read-records.ts';
import { parseJson } from '../../core/parse-json.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import type { CheckRequestAnswer, RestoreTerms } from '../../core/restore/contract.ts';
import { decideFollowUp } from '../../core/restore/decide-follow-up.ts';
import { readFollowUp, readResume } from '../../core/restore/decide-request.ts';
import { describeFollowUpWish } from '../../core/restore/describe-wish.ts';
import { RestoreResult } from '../../core/restore/result.ts';
import { SignOff, signOffKey } from '../../core/sign-off/records.ts';
import { isRun } from '../../core/vault/ids.ts';
import { evidenceKey, signatureKey } from '../../core/vault/keys.ts';
import type { VaultSide } from '../../core/vault/side.ts';
import { checkResume } from './check-resume.ts';

type Execution = { run: string; now: Date; terms?: Readonly<Record<string, Partial<RestoreTerms>>> | undefined };
type Asked = Execution & { action: 'undo' | 'finish'; of: string };
type Place = { system: string; vault: ObjectReader; assets: readonly string[]; from: VaultSide };
type Answer = z.infer<typeof CheckRequestAnswer>;

/** Undefined when the input is that of a restore. */
export function checkOther(input: unknown, execution: Execution, place: Place): Answer | Promise<Answer> | undefined {
  const followUp = readFollowUp(input);
  if (followUp !== undefined) return checkFollowUp({ ...followUp, ...execution }, place);
  const resume = readResume(input);
  return resume && checkResume({ ...resume, terms: execution.terms }, place);
}

export async function checkFollowUp({ action, of, run, now, terms }: Asked, { system, vault, assets, from }: Place): Promise<Answer> {
  const record = isRun(of) ? await readRecord(vault, evidenceKey(system, 'restore-result', of)) : undefined;
  const result = record && RestoreResult.safeParse(parseJson(record.body)).data;
  const followUps = result?.kept === undefined ? NOTHING_KEPT : await findFollowUps(vault, { system, run: of, now });
  const decided = decideFollowUp({
    action,
    of,
    result,
    assets,
    from,
    ...followUps,
    isSignedOff: record !== undefined && action === 'finish' && (await isSignedOff(vault, { system, of, result: record.body })),
  });
  if ('problem' in decided)
    return { accepted: false, problems: [decided.problem], message: `The ${action} cannot start: ${decided.problem}` };
  const { asset, point, database, kept, target = 'beside' } = decided.result;
  const evidence = signOffKey(system, of);
  // The database that home has kept is none of the second region's, and what an undo has put back is in use.
  const drops = kept !== undefined && from === 'vault' && followUps.undoneBy === undefined;
  return {
    accepted: true,
    system,
    action,
    asset,
    point,
    run,
    target,
    database,
    selection: {},
    of,
    details: describeFollowUpWish(action, of, action === 'undo' || drops ? kept : undefined),
    quiesce: action === 'undo' && (terms?.[asset]?.quiesce ?? false),
    validate: false,
    ...(action === 'finish' ? { signOff: { evidence, signature: signatureKey(evidence), drops } } : {}),
  };
}

/** A sign-off is of the record that was shown to whoever signed. */
async function isSignedOff(
  vault: ObjectReader,
  { system, of, result }: { system: string; of: string; result: Uint8Array },
): Promise<boolean> {
  const record = await readRecord(vault, signOffKey(system, of));
  const signOff = record && SignOff.safeParse(parseJson(record.body)).data;
  return signOff?.run === of && signOff.resultSha256 === createHash('sha256').update(result).digest('hex');
}
