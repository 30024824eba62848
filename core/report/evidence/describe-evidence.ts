import { AuditEvidence } from '../../audit/contract.ts';
import { EscrowEvidence } from '../../escrow/contract.ts';
import { explainWithoutValue } from '../../escrow/empty-versions.ts';
import { OfflineProofEvidence } from '../../escrow/offline/proof.ts';
import { parseJson } from '../../parse-json.ts';
import { plural, secondsText } from '../../quantities.ts';
import { ExpiryEvidence } from '../../retention/contract.ts';
import { HeldFact, ReleasedFact } from '../../vault/facts.ts';
import { pill, time } from '../sections/parts.ts';
import { describeApprovalAuthor, describeApprovalRequest, describeDecision } from './describe-approval.ts';
import { describeDrill, describeDrillResult } from './describe-drill.ts';
import { describeRestore, describeRestoreFailure, describeRestoreFollowUp } from './describe-restore.ts';
import { describeSignOff } from './describe-sign-off.ts';
import { describeScenario } from './describe-scenario.ts';
import type { DescribedEvidence } from './model.ts';
import { id, passed, VERDICTS } from './parts.ts';

/** Undefined when it is no record that this version knows: nothing is then said of it. */
export function describeEvidence(body: Uint8Array): DescribedEvidence | undefined {
  const record = parseJson(body);
  for (const describe of KINDS) {
    const described = describe(record);
    if (described) return described;
  }
  return undefined;
}

function describeEscrow(record: unknown): DescribedEvidence | undefined {
  const parsed = EscrowEvidence.safeParse(record);
  if (!parsed.success) return undefined;
  const { run, execution, at, outcome, versions, withoutValue = [], recent = 0 } = parsed.data;
  return {
    title: 'Escrow run',
    at,
    asset: undefined,
    outcome: outcome === 'escrowed' ? { colour: 'green', word: 'Escrowed' } : { colour: 'red', word: 'Incomplete' },
    facts: [
      ['Run', id(run)],
      ['Execution', id(execution)],
    ],
    notes: [
      ...withoutValue.map((one) => `When the run looked: ${explainWithoutValue(one)}.`),
      ...(recent > 0
        ? [`Opened in both regions within the last week, and not again by this run: ${plural(recent, 'earlier value')}.`]
        : []),
    ],
    tables: [
      {
        caption: 'Each value, opened again in each region with that region’s key alone',
        headers: ['Key', 'Fingerprint', 'Read back in', 'Verdict'],
        rows: versions.map(({ key, fingerprint, readBacks, failure }) => [
          key,
          fingerprint === undefined ? 'none' : id(fingerprint.slice(0, 16)),
          readBacks.map(({ region }) => region).join(', ') || 'nowhere',
          failure === undefined ? pill('green', 'Recoverable') : pill('red', failure),
        ]),
      },
    ],
  };
}

function describeProof(record: unknown): DescribedEvidence | undefined {
  const parsed = OfflineProofEvidence.safeParse(record);
  if (!parsed.success) return undefined;
  const { run, execution, durationSeconds, outcome, witnesses, finishedAt: at, results } = parsed.data;
  return {
    title: 'Proof of offline keys',
    at,
    asset: undefined,
    outcome: outcome === 'passed' ? VERDICTS.passed : VERDICTS.failed,
    facts: [
      ['Witnesses', witnesses.join(', ')],
      ['Took', secondsText(durationSeconds)],
      ['Run', id(run)],
      ['Execution', id(execution)],
    ],
    notes: [],
    tables: [
      {
        caption: 'Each value, got back from shares and medium',
        headers: ['Key', 'Fingerprint', 'Outcome'],
        rows: results.map(({ key, fingerprint, outcome: of }) => [key, id(fingerprint.slice(0, 16)), passed(of)]),
      },
    ],
  };
}

function describeExpiry(record: unknown): DescribedEvidence | undefined {
  const parsed = ExpiryEvidence.safeParse(record);
  if (!parsed.success) return undefined;
  const { asset, at, run, execution, bucket, expired, kept } = parsed.data;
  const failed = kept.filter((one) => one.failed).length;
  return {
    title: 'Expiry',
    at,
    asset,
    outcome:
      failed === 0
        ? { colour: 'green', word: `${plural(expired.length, 'point')} expired` }
        : { colour: 'red', word: `${failed} not gone` },
    facts: [
      ['Bucket', id(bucket)],
      ['Run', id(run)],
      ['Execution', id(execution)],
    ],
    notes: [],
    tables: [
      {
        caption: 'What went',
        headers: ['Point', 'Versions', 'Why'],
        rows: expired.map(({ point, objects, reasons }) => [id(point), objects, reasons.join('; ')]),
      },
      {
        caption: 'Legal holds that had stood on what went, and their releases',
        headers: ['Point', 'What', 'Hold', 'By', 'Reason', 'When'],
        rows: expired.flatMap(({ point, holds = [] }) =>
          holds.map(({ kind, hold, by, reason, at: heldAt }) => [id(point), kind, id(hold), id(by), reason, time(heldAt)]),
        ),
      },
      { caption: 'What stayed', headers: ['Point', 'Why'], rows: kept.map(({ point, why }) => [id(point), why]) },
    ].filter(({ rows }) => rows.length > 0),
  };
}

function describeAudit(record: unknown): DescribedEvidence | undefined {
  const parsed = AuditEvidence.safeParse(record);
  if (!parsed.success) return undefined;
  const { at, run, execution, bucket, side, assets, isWhole, looked, findings, more } = parsed.data;
  const count = findings.length + more;
  return {
    title: 'Audit',
    at,
    asset: assets.length === 1 ? assets[0] : undefined,
    outcome: count === 0 ? { colour: 'green', word: 'As the plan says' } : { colour: 'red', word: plural(count, 'finding') },
    facts: [
      ['Bucket', id(bucket)],
      ['Side', side === 'replica' ? 'replica vault' : 'vault'],
      ['Assets', isWhole ? 'all of the plan' : assets.join(', ')],
      ['Looked at', `${plural(looked.points, 'point')}, of ${looked.wholePoints} every object; ${plural(looked.versions, 'version')}`],
      ['Run', id(run)],
      ['Execution', id(execution)],
    ],
    notes: more > 0 ? [`${more} more findings were counted and not named`] : [],
    tables:
      findings.length === 0
        ? []
        : [{ caption: 'What is not as the plan says', headers: ['What', 'Fix'], rows: findings.map(({ what, fix }) => [what, fix]) }],
  };
}

function describeHold(record: unknown): DescribedEvidence | undefined {
  const held = HeldFact.safeParse(record);
  const { data } = held.success ? held : ReleasedFact.safeParse(record);
  if (!data) return undefined;
  return {
    title: data.kind === 'held' ? 'Legal hold' : 'Release of a legal hold',
    at: data.at,
    asset: data.asset,
    outcome: data.kind === 'held' ? { colour: 'amber', word: 'Held' } : { colour: 'green', word: 'Released' },
    facts: [
      ['Point', id(data.point)],
      ['Hold', id(data.hold)],
      ['By', id(data.by)],
      ['Reason', data.reason],
      ['Run', id(data.id)],
    ],
    notes: ['While one hold stands the point stays, whatever the plan says.'],
    tables: [],
  };
}

const KINDS = [
  describeDrill,
  describeDrillResult,
  describeScenario,
  describeRestore,
  describeRestoreFailure,
  describeRestoreFollowUp,
  describeSignOff,
  describeEscrow,
  describeProof,
  describeExpiry,
  describeAudit,
  describeHold,
  describeApprovalRequest,
  describeApprovalAuthor,
  describeDecision,
] as const;
