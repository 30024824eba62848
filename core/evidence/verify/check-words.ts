/**
 * What signed evidence of restores says of other evidence: a decision and a sign-off are about the bytes of one record, and what was
 * dropped or put back belongs to a restore.
 */
import { approvalRequestKey, ApprovalDecision } from '../../approval/records.ts';
import { parseJson } from '../../parse-json.ts';
import { RestoreFollowUp } from '../../restore/result.ts';
import { SignOff, signOffKey } from '../../sign-off/records.ts';
import { evidenceKey } from '../../vault/keys.ts';
import { sha256Hex } from '../statement.ts';
import type { CheckContext } from './context.ts';

type Said = { key: string; body: Uint8Array };
/** `sha256` where the bytes of the other record matter. */
type Named = { key: string; sha256?: string; what: string };

/** @param signed every record whose signature holds. @param there every record that can be read, signed or not */
export function checkWords(
  { system, report }: Pick<CheckContext, 'system' | 'report'>,
  signed: readonly Said[],
  there: ReadonlyMap<string, Uint8Array>,
): void {
  for (const { key, body } of signed)
    for (const named of namedBy(system, key, parseJson(body))) {
      const other = there.get(named.key);
      if (other === undefined) report('record-missing', named.key, `${named.what} (${key}) names it, and it is not there`);
      else if (named.sha256 !== undefined && named.sha256 !== sha256Hex(other))
        report('record-differs', named.key, `${named.what} (${key}) is about other bytes than stand here`);
    }
}

function namedBy(system: string, key: string, record: unknown): Named[] {
  const decision = ApprovalDecision.safeParse(record).data;
  if (decision) {
    const side = key.includes('/approval-replica-') ? 'replica' : 'vault';
    return [{ key: approvalRequestKey(system, decision.run, side), sha256: decision.requestSha256, what: 'a decision of an approver' }];
  }
  const restore = (run: string) => evidenceKey(system, 'restore-result', run);
  const signOff = SignOff.safeParse(record).data;
  if (signOff) return [{ key: restore(signOff.run), sha256: signOff.resultSha256, what: 'a sign-off' }];
  const followUp = RestoreFollowUp.safeParse(record).data;
  if (!followUp) return [];
  const { action, of } = followUp;
  const what = action === 'undo' ? 'the undo of a restore' : 'the end of a restore';
  return [{ key: restore(of), what }, ...(action === 'finish' ? [{ key: signOffKey(system, of), what }] : [])];
}
