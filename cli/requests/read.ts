/** Requests for approval as they stand in a vault, read under the asker's own credentials. */
import { readRequest } from '../../adapters/vault/read-approval.ts';
import { decideApproval, type ApprovalRecords, type Verdict } from '../../core/approval/decide.ts';
import { RequestUnknown } from '../../core/approval/errors.ts';
import { approvalRequestKind } from '../../core/approval/records.ts';
import { runId } from '../../core/vault/ids.ts';
import { evidenceKindPrefix } from '../../core/vault/keys.ts';
import type { Executions } from '../../core/ports/executions.ts';
import type { VaultPlace } from '../connection.ts';
import { openPoints, type Vault } from '../points.ts';
import type { Context } from '../verb.ts';
import { rolesOf } from './roles.ts';

/** A run ends with a part of its execution's hash. */
const HASH_LENGTH = 7;

export type ReadRequest = {
  records: ApprovalRecords;
  verdict: Verdict;
  /** Whether the execution that waited was stopped, or ended otherwise: nobody can decide any more. */
  hasEnded: boolean;
};

/** Throws RequestUnknown. */
export async function readOneRequest(context: Context, run: string, place: VaultPlace): Promise<ReadRequest> {
  const { read } = await opened(context, place);
  const found = await read(run);
  if (!found) throw new RequestUnknown(run);
  return found;
}

/** The newest of this year and the one before. */
export async function readRequests(context: Context, place: VaultPlace, limit: number): Promise<ReadRequest[]> {
  const { vault, read } = await opened(context, place);
  const runs = await listRuns(context, vault, place);
  const found: ReadRequest[] = [];
  for (const run of runs.toReversed().slice(0, limit)) {
    const one = await read(run);
    if (one) found.push(one);
  }
  return found;
}

/** That of an execution which waits; undefined when it has made none. */
export async function readRequestOf(context: Context, execution: string, place: VaultPlace): Promise<ReadRequest | undefined> {
  const { vault, read } = await opened(context, place);
  const ofExecution = runId(context.frame.now(), execution).slice(-HASH_LENGTH);
  for (const run of (await listRuns(context, vault, place)).toReversed()) {
    const found = run.endsWith(ofExecution) ? await read(run) : undefined;
    if (found?.records.request.execution === execution) return found;
  }
  return undefined;
}

/** Oldest first. */
async function listRuns(context: Context, vault: Vault, place: VaultPlace): Promise<string[]> {
  const year = context.frame.now().getUTCFullYear();
  const runs: string[] = [];
  for (const one of [year - 1, year]) {
    const prefix = evidenceKindPrefix(context.plan().system, String(one), approvalRequestKind(place));
    await vault.reading(async () => {
      for await (const { key } of vault.reader.list(prefix)) {
        const run = /^(\d{8}T\d{6}Z-[0-9a-f]{6})\.json$/.exec(key.slice(prefix.length))?.[1];
        if (run !== undefined) runs.push(run);
      }
    });
  }
  return runs;
}

async function opened(context: Context, place: VaultPlace) {
  const plan = context.plan();
  const vault = await openPoints(context, place);
  const roles = await rolesOf(context, place);
  const executions = (await context.connect()).executions(place);
  const read = async (run: string): Promise<ReadRequest | undefined> => {
    const records = await vault.reading(() => readRequest({ system: plan.system, side: place, vault: vault.reader }, run));
    if (records === undefined) return undefined;
    const verdict = decideApproval(records, roles, context.frame.now());
    return { records, verdict, hasEnded: verdict.state === 'waiting' && (await hasEnded(executions, records.request.execution)) };
  };
  return { vault, read };
}

/** Who may read the vault alone may not ask this, and sees what the records say. */
async function hasEnded(executions: Executions, execution: string): Promise<boolean> {
  const state = await executions.stateOf(execution).catch(() => 'unknown' as const);
  return state === 'succeeded' || state === 'failed';
}
