/** The message to the alarm topic: what an audit found, and what puts each of it right. SNS takes subjects of 100 ASCII characters. */
import { countFindings } from './build-evidence.ts';
import type { AuditEvidence } from './contract.ts';

const SUBJECT_CHARACTERS = 100;
/** Findings in one message; the evidence has them all. */
const MOST_TOLD = 20;

const placeOf = ({ system, side }: AuditEvidence) => `${system}${side === 'replica' ? ' (replica)' : ''}`;

export const auditSubject = (evidence: AuditEvidence): string => {
  const found = countFindings(evidence);
  return `Holdfast: the audit of ${placeOf(evidence)} found ${found} ${found === 1 ? 'deviation' : 'deviations'}`.slice(
    0,
    SUBJECT_CHARACTERS,
  );
};

export function auditBody(evidence: AuditEvidence, key: string): string {
  const told = evidence.findings.slice(0, MOST_TOLD);
  const left = countFindings(evidence) - told.length;
  return [
    `The vault s3://${evidence.bucket} is not as the plan of ${evidence.system} says.`,
    ...(evidence.looked.calls === 0 ? ['No point was looked at: it cannot be read until that is put right.'] : []),
    '',
    ...told.flatMap(({ what, fix, command }, index) => [`${index + 1}. ${what}.`, `   Fix: ${fix}.`, `   ${command}`, '']),
    ...(left > 0 ? [`${left} more, of which the evidence names up to ${evidence.findings.length} in all.`, ''] : []),
    `Evidence   s3://${evidence.bucket}/${key}`,
    'Runbook    docs/runbook.md, heading The audit found something',
    `Again      npx holdfast audit${evidence.side === 'replica' ? ' --from replica' : ''}`,
    '',
  ].join('\n');
}
