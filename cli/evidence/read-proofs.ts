import { ApprovalDecision } from '../../core/approval/records.ts';
import { ScenarioEvidence } from '../../core/drill/scenario.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import type { AgreementProofs } from '../../core/report/agreement/proofs.ts';
import { readNewestOf } from './read-evidence.ts';

/** Of each kind the newest: a page says when something was last done. */
const MOST = 40;

type Proofs = Omit<AgreementProofs, 'restores'>;

/** Decisions and verdicts on scenarios that one region holds, newest first. */
export async function readProofs(reader: ObjectReader, system: string, now: Date): Promise<Proofs> {
  const of = (kind: string) => ({ system, kind, now, most: MOST });
  return {
    // Requests and authors stand under names that begin alike, and are none.
    approvals: await readNewestOf(reader, of('approval'), (record) => ApprovalDecision.safeParse(record).data),
    scenarios: await readNewestOf(reader, of('scenario'), (record) => ScenarioEvidence.safeParse(record).data),
  };
}

const newestFirst = <T>(all: readonly T[], at: (one: T) => string): T[] => all.toSorted((a, b) => Date.parse(at(b)) - Date.parse(at(a)));

/** Of both regions; what is copied from one into the other stands there twice, and says the same. */
export const joinProofs = (own: Proofs, others: Proofs): Proofs => ({
  approvals: newestFirst([...own.approvals, ...others.approvals], ({ at }) => at),
  scenarios: newestFirst([...own.scenarios, ...others.scenarios], ({ judgedAt }) => judgedAt),
});

export const NO_PROOFS: Proofs = { approvals: [], scenarios: [] };
