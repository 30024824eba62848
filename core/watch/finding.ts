/** What a watcher finds, each with a sentence, what to do, and the heading of the runbook (docs/runbook.md) that says more. Pure. */
import { describeSeconds } from '../plan/durations.ts';
import type { ReasonCode } from '../status/colour.ts';
import { fromOption, type VaultSide } from '../vault/side.ts';
import { plural } from '../quantities.ts';

export type SlotStage = 'backup' | 'drill' | 'escrow';

/** `since`: when it began to be true. What has none is told with the summary of the day alone. */
export type Finding =
  /** `isOpen`: nothing newer came either. `holder`: who had the slot, in words. */
  | { kind: 'slot-missed'; asset: string; stage: SlotStage; slot: string; since: string; isOpen: boolean; holder?: string | undefined }
  | { kind: 'point-unfinished'; asset: string; point: string; missing: readonly string[]; since: string }
  | { kind: 'replica-behind'; asset: string; point: string; points: number; allowedSeconds: number; since: string }
  | { kind: 'objective-broken'; asset: string; code: ReasonCode; text: string; since?: string | undefined }
  | { kind: 'no-data'; asset: string; code: ReasonCode; text: string }
  | { kind: 'record-damaged'; asset: string; point: string; text: string }
  | { kind: 'clock-differs'; asset: string; text: string; since?: string | undefined }
  | { kind: 'not-seen'; asset: string; text: string };
export type FindingKind = Finding['kind'];

type Remedy = { heading: string; next: 'backup' | 'drill' | 'escrow' | 'all-keys' | 'canary' | 'proof' | 'kms-key' | 'source' | 'rows' };

/** Of each colour's reason, what helps; undefined for what is nobody's to put right here. */
export const REMEDIES: Record<ReasonCode, Remedy | undefined> = {
  'points-gone': { heading: 'No new recovery point', next: 'backup' },
  'point-too-old': { heading: 'No new recovery point', next: 'backup' },
  'drill-failed': { heading: 'CheckFailed', next: 'drill' },
  'drill-too-old': { heading: 'A drill is overdue', next: 'drill' },
  'kms-key-endangered': { heading: 'A KMS key is about to go', next: 'kms-key' },
  'source-gone': { heading: 'A KMS key is about to go', next: 'source' },
  'read-back-missing': { heading: 'Escrow is missing or stale', next: 'escrow' },
  'read-back-too-old': { heading: 'Escrow is missing or stale', next: 'escrow' },
  'value-lost': { heading: 'A key cannot be recovered', next: 'escrow' },
  'value-in-one-region': { heading: 'Escrow is missing or stale', next: 'escrow' },
  'not-restorable': { heading: 'A point is not restorable', next: 'all-keys' },
  'rotation-unguarded': { heading: 'A rotation went around escrow', next: 'escrow' },
  'canary-failed': { heading: 'KeyNotRecoverable', next: 'escrow' },
  'value-not-opened': { heading: 'A value does not open with its key', next: 'rows' },
  'canary-too-old': { heading: 'A drill is overdue', next: 'canary' },
  'never-verified': { heading: 'No data', next: 'backup' },
  'never-restored': { heading: 'No data', next: 'drill' },
  'never-read-back': { heading: 'No data', next: 'all-keys' },
  'never-proven': { heading: 'No data', next: 'canary' },
  'offline-missing': { heading: 'Offline escrow is missing or stale', next: 'escrow' },
  'offline-failed': { heading: 'Offline escrow is missing or stale', next: 'proof' },
  'never-proven-offline': { heading: 'Offline escrow is missing or stale', next: 'proof' },
  'offline-unproven': { heading: 'Offline escrow is missing or stale', next: 'proof' },
  'offline-proof-too-old': { heading: 'Offline escrow is missing or stale', next: 'proof' },
  // A watcher that may not look says so of the asset.
  'escrow-not-seen': undefined,
  // The key asset says so itself.
  'key-not-recoverable': undefined,
  // The drill said so itself, and becomes overdue.
  'drill-could-not-run': undefined,
  // A finding of its own.
  'clock-ahead': undefined,
  // What the plan knows, and its owner is to change.
  'rpo-missed': undefined,
  'rto-missed': undefined,
  'review-overdue': undefined,
  'declared-gap': undefined,
  'fresh-and-proven': undefined,
};

export const HEADINGS_OF_KINDS: Record<Exclude<FindingKind, 'objective-broken' | 'no-data'>, string> = {
  'slot-missed': 'A slot was missed',
  'point-unfinished': 'Unfinished points',
  'replica-behind': 'The replica is behind',
  'record-damaged': 'PointDamaged',
  'clock-differs': 'A clock differs',
  'not-seen': 'The watcher cannot see',
};

export const headingOf = (finding: Finding): string =>
  finding.kind === 'objective-broken' || finding.kind === 'no-data'
    ? (REMEDIES[finding.code]?.heading ?? 'An objective is broken')
    : HEADINGS_OF_KINDS[finding.kind];

/** A sentence without its stop. */
export function explainFinding(finding: Finding): string {
  switch (finding.kind) {
    case 'slot-missed':
      return explainMissed(finding);
    case 'point-unfinished':
      return `Point ${finding.point} is committed and not finished: nothing says that it is ${finding.missing.join(', ')}`;
    case 'replica-behind':
      return `Point ${finding.point} is not in the replica ${describeSeconds(finding.allowedSeconds)} after its slot${
        finding.points > 1 ? `, and ${plural(finding.points - 1, 'later one is', 'later ones are')} not either` : ''
      }`;
    case 'no-data':
      return `No data: ${finding.text}`;
    case 'not-seen':
      return `Nothing is known of it: ${finding.text}`;
    case 'objective-broken':
    case 'record-damaged':
    case 'clock-differs':
    default:
      return finding.text;
  }
}

const OF_STAGE: Record<SlotStage, (slot: string) => string> = {
  backup: (slot) => `The slot ${slot} has no point`,
  drill: (slot) => `No drill was held for the slot ${slot}`,
  escrow: (slot) => `The key was not read back for the slot ${slot}`,
};

function explainMissed({ stage, slot, isOpen, holder }: Extract<Finding, { kind: 'slot-missed' }>): string {
  return `${OF_STAGE[stage](slot)}${holder === undefined ? '' : `; ${holder}`}${isOpen ? '' : '; a later run has made one'}`;
}

/** What the owner of a plan does about what nobody else can put right. */
export const FOR_OWNERS: Partial<Record<ReasonCode, string>> = {
  'rpo-missed': 'npx holdfast objectives',
  'rto-missed': 'npx holdfast objectives',
  'review-overdue': 'npx holdfast plan review',
};

/** @param side which vault the watcher looks at: beside the replica nothing is backed up, and nothing put right */
export function nextStep(finding: Finding, side: VaultSide): string {
  const { asset } = finding;
  const from = fromOption(side);
  const atHome = side === 'replica' ? 'See whether the home region still works; there: ' : '';
  switch (finding.kind) {
    case 'slot-missed':
      return finding.stage === 'drill' ? `npx holdfast drill ${asset}${from}` : `${atHome}npx holdfast ${finding.stage} ${asset}`;
    case 'point-unfinished':
      return `npx holdfast backup ${asset} --finish ${finding.point}`;
    case 'replica-behind':
      return `npx holdfast list ${asset}, and finish what is not finished`;
    case 'record-damaged':
      return `npx holdfast show ${asset}/${finding.point}${from}`;
    case 'clock-differs':
      return 'Find the clock that is wrong: those of the functions, of the tasks, of the database server';
    case 'not-seen':
      return 'Compare the policies of the watcher’s role, the bucket and the key with what was deployed';
    case 'objective-broken':
    case 'no-data':
    default:
      return remedyText(REMEDIES[finding.code]?.next, { asset, from, atHome });
  }
}

function remedyText(next: Remedy['next'] | undefined, { asset, from, atHome }: { asset: string; from: string; atHome: string }): string {
  if (next === undefined) return `npx holdfast status${from}`;
  if (next === 'drill') return `npx holdfast drill ${asset}${from}`;
  // It is said of a database as well, which may need several.
  if (next === 'all-keys') return `${atHome}npx holdfast escrow`;
  if (next === 'canary') return `Drill a database that has a canary of it: npx holdfast drill <asset>${from}`;
  if (next === 'rows')
    return `${atHome}encrypt the rows anew, or name \`earlierValues\` of the database in the plan; then npx holdfast backup <asset>, npx holdfast drill <asset>${from}`;
  if (next === 'proof')
    return `Export the keys again, and prove it with the custodians: npx holdfast escrow export --to <directory>${from}, npx holdfast escrow prove-offline --medium <directory> --witness <name>`;
  if (next === 'kms-key')
    return 'Cancel the deletion or enable the key under the break-glass role: aws kms cancel-key-deletion, aws kms enable-key';
  if (next === 'source')
    return `${atHome}aws secretsmanager restore-secret, while that is possible; else store the value from escrow anew, or take the key out of the plan`;
  return `${atHome}npx holdfast ${next} ${asset}`;
}
