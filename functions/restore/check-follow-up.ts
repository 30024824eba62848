/** What somebody asks of the database that an earlier restore in place has kept. */
import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { readRecord } from '../../adapters/vault/read-records.ts';
import { parseJson } from '../../core/parse-json.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import type { CheckRequestAnswer, RestoreTerms } from '../../core/restore/contract.ts';
import { decideFollowUp } from '../../core/restore/decide-follow-up.ts';
import { describeFollowUpWish } from '../../core/restore/describe-wish.ts';
import { RestoreResult } from '../../core/restore/result.ts';
import { SignOff, signOffKey } from '../../core/sign-off/records.ts';
import { isRun } from '../../core/vault/ids.ts';
import { evidenceKey, signatureKey } from '../../core/vault/keys.ts';
import type { VaultSide } from '../../core/vault/side.ts';

type Asked = {
  action: 'undo' | 'finish';
  of: string;
  run: string;
  terms?: Readonly<Record<string, Partial<RestoreTerms>>> | undefined;
};

export async function checkFollowUp(
  { action, of, run, terms }: Asked,
  { system, vault, assets, from }: { system: string; vault: ObjectReader; assets: readonly string[]; from: VaultSide },
): Promise<z.infer<typeof CheckRequestAnswer>> {
  const record = isRunId(of) ? await readRecord(vault, evidenceKey(system, 'restore-result', of)) : undefined;
  const result = record && RestoreResult.safeParse(parseJson(record.body)).data;
  const decided = decideFollowUp({
    action,
    of,
    result,
    assets,
    from,
    isSignedOff: record !== undefined && action === 'finish' && (await isSignedOff(vault, { system, of, result: record.body })),
  });
  if ('problem' in decided)
    return { accepted: false, problems: [decided.problem], message: `The ${action} cannot start: ${decided.problem}` };
  const { asset, point, database, kept, target = 'beside' } = decided.result;
  const evidence = signOffKey(system, of);
  // The database that home has kept is none of the second region's.
  const drops = kept !== undefined && from === 'vault';
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
    details: describeFollowUpWish(action, of, from === 'vault' ? kept : undefined),
    quiesce: action === 'undo' && (terms?.[asset]?.quiesce ?? false),
    validate: false,
    ...(action === 'finish' ? { signOff: { evidence, signature: signatureKey(evidence), drops } } : {}),
  };
}

/** Whether something can be put back stands in the working papers of the run, which only the functions that put it back may read. */
export function checkResume(
  { of, asset, terms }: { of: string; asset: string; terms?: Asked['terms'] },
  { system, assets }: { system: string; assets: readonly string[] },
): z.infer<typeof CheckRequestAnswer> {
  const problems = [
    ...(isRunId(of) ? [] : [`resume: '${of.slice(0, 40)}' is no run: the message of the restore that stopped it names it`]),
    ...(assets.includes(asset) ? [] : [`asset: there is no asset '${asset.slice(0, 40)}'. Possible: ${assets.join(', ')}`]),
    ...(Object.values(terms ?? {}).some(({ quiesce }) => quiesce) ? [] : ['resume: the plan has nothing that a restore stops']),
  ];
  if (problems.length > 0) return { accepted: false, problems, message: `Nothing can be put back: ${problems.join('; ')}` };
  return {
    accepted: true,
    system,
    action: 'resume',
    asset,
    point: '',
    run: of,
    target: 'beside',
    database: '',
    selection: {},
    of,
    quiesce: true,
    validate: false,
  };
}

const isRunId = (text: string) => isRun(text);

/** A sign-off is of the record that was shown to whoever signed. */
async function isSignedOff(
  vault: ObjectReader,
  { system, of, result }: { system: string; of: string; result: Uint8Array },
): Promise<boolean> {
  const record = await readRecord(vault, signOffKey(system, of));
  const signOff = record && SignOff.safeParse(parseJson(record.body)).data;
  return signOff?.run === of && signOff.resultSha256 === createHash('sha256').update(result).digest('hex');
}
