import { AUDIT_FORMAT, type AuditEvidence, type WriteAuditRequest } from './contract.ts';
import { explainFinding, type AuditedSide } from './explain-finding.ts';
import { NEWEST_WHOLE, SAMPLE_DAYS } from './sample.ts';

/** What a run looked at and found, each finding with its fix. */
export function buildEvidence(request: WriteAuditRequest, on: Omit<AuditedSide, 'run' | 'assets'>, at: Date): AuditEvidence {
  const { run, execution, assets, sample, isWhole, tally, findings } = request;
  const { system, side, bucket } = on;
  const told = findings.map((finding) => ({ finding, ...explainFinding(finding, { ...on, run, assets }) }));
  return {
    format: AUDIT_FORMAT,
    kind: 'audit',
    system,
    side,
    bucket,
    run,
    execution,
    at: at.toISOString(),
    assets: assets.map(({ asset }) => asset),
    isWhole,
    sample: { newest: NEWEST_WHOLE, days: SAMPLE_DAYS, residues: sample.residues },
    looked: tally,
    findings: told,
    more: Math.max(0, tally.findings - told.length),
  };
}

/** Whether a run was about everything, and saw it. One that could read nothing looked at nothing, whatever it was about. */
export const sawEverything = ({ isWhole, looked, findings }: Pick<AuditEvidence, 'isWhole' | 'looked' | 'findings'>): boolean =>
  isWhole && looked.calls > 0 && !findings.some(({ finding }) => finding.kind === 'not-looked-at');

export const countFindings = ({ findings, more }: AuditEvidence): number => findings.length + more;
