/** The message to the alarm topic: what an audit found, and what puts each of it right. SNS takes subjects of 100 ASCII characters. */
import type { Side } from '../names.ts';
import { countFindings } from './build-evidence.ts';
import type { AuditEvidence, AuditTally } from './contract.ts';
import { plural } from '../quantities.ts';
import { fromOption } from '../vault/side.ts';

const SUBJECT_CHARACTERS = 100;
/** Findings in one message; the evidence has them all. */
const MOST_TOLD = 20;

const placeOf = ({ system, side }: AuditEvidence) => `${system}${side === 'replica' ? ' (replica)' : ''}`;

export const auditSubject = (evidence: AuditEvidence): string => {
  const found = countFindings(evidence);
  return `Holdfast: the audit of ${placeOf(evidence)} found ${plural(found, 'deviation')}`.slice(0, SUBJECT_CHARACTERS);
};

/** A vault whose key or bucket cannot be used is not one without points. */
export const describeScope = ({ calls, points, wholePoints, versions }: AuditTally, side: Side): string =>
  calls === 0
    ? `no point was looked at, since the ${side} cannot be read until what is named here is put right`
    : `${plural(points, 'point')}, ${points === 1 ? (wholePoints === 1 ? 'every object of it' : 'a sample of its objects') : `of ${wholePoints} every object, of the others a sample`}: ${plural(versions, 'version')}`;

export function auditBody(evidence: AuditEvidence, key: string): string {
  const told = evidence.findings.slice(0, MOST_TOLD);
  const left = countFindings(evidence) - told.length;
  return [
    `The vault s3://${evidence.bucket} is not as the plan of ${evidence.system} says.`,
    '',
    ...told.flatMap(({ what, fix, command }, index) => [`${index + 1}. ${what}.`, `   Fix: ${fix}.`, `   ${command}`, '']),
    ...(left > 0 ? [`${left} more, of which the evidence names up to ${evidence.findings.length} in all.`, ''] : []),
    `Evidence   s3://${evidence.bucket}/${key}`,
    `Scope      ${describeScope(evidence.looked, evidence.side)}`,
    'Runbook    docs/runbook.md, heading The audit found something',
    `Again      npx holdfast audit${fromOption(evidence.side)}`,
    '',
  ].join('\n');
}
