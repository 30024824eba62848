/** What a person is told of a failure: what, on what, why, what to do next. Pure. */
import { FAILURES, type FailureName } from './classes.ts';
import type { Stage } from '../names.ts';
import type { RestoreSelection } from '../restore/selection.ts';
import type { RestoreAction, RestoreTarget } from '../restore/target.ts';
import { fromOption, type VaultSide } from '../vault/side.ts';
import { command, shellWord } from './command.ts';
import { meaningOfRestore, nextOfRestore } from './restore-message.ts';
import { isOfOlderEnvelope, leavesAPoint } from './steps.ts';

export type FailureReport = {
  system: string;
  /** Beside which vault it failed: a command is named that asks that region, for the other may be gone. */
  side: VaultSide;
  stage: Stage;
  step: string;
  asset: string;
  point?: string | undefined;
  execution: string;
  tries: number;
  failure: FailureName;
  /** Why, in safe text. */
  detail: string;
  /** Of a task of ECS that ended. */
  stopCode?: string | undefined;
  /** What to do, where the failed task knew better than the class of its failure. */
  advice?: string | undefined;
  /** Of a restore: the new database, and what of the point it was to get. */
  database?: string | undefined;
  selection?: RestoreSelection | undefined;
  target?: RestoreTarget | undefined;
  withoutKeys?: boolean | undefined;
  /** A restore itself, when nothing is said. */
  action?: RestoreAction | undefined;
  run?: string | undefined;
  /** Of any other action: the run of the restore that it is about. */
  of?: string | undefined;
  /** Of a drill: what it played. */
  scenario?: string | undefined;
};

/** SNS refuses more, line breaks and anything but ASCII. */
const SUBJECT_CHARACTERS = 100;
const DETAIL_CHARACTERS = 500;
const ADVICE_CHARACTERS = 500;
const SENTENCE_CHARACTERS = 1400;

/** One line of printable text: what a task wrote may hold anything. */
export const oneLine = (text: string, characters: number) => {
  const line = text.replaceAll(/[\p{C}\s]+/gu, ' ').trim();
  return line.length > characters ? `${line.slice(0, characters - 3)}...` : line;
};

const withoutStop = (text: string) => text.trim().replace(/\.$/, '');

const adviceOf = (r: FailureReport) => withoutStop(oneLine(r.advice ?? FAILURES[r.failure].advice, ADVICE_CHARACTERS));

/** One line for the state machine's cause. */
export function failureSentence(r: FailureReport): string {
  const { what } = FAILURES[r.failure];
  // Cut first, so that the command is never what is cut.
  const detail = withoutStop(oneLine(r.detail, DETAIL_CHARACTERS));
  const finish = leftPoint(r) === undefined ? '' : `. Then: ${nextCommand(r)}`;
  return oneLine(`${r.step}: ${what} (${r.failure}). ${detail}. ${adviceOf(r)}${finish}`, SENTENCE_CHARACTERS);
}

export const failureSubject = (r: FailureReport): string =>
  oneLine(`Holdfast: ${r.stage} of ${placeOf(r)} failed: ${r.failure}`.replaceAll(/[^\x20-\x7e]/g, '?'), SUBJECT_CHARACTERS);

const placeOf = ({ system, asset, side }: FailureReport) =>
  `${system}${asset === '' ? '' : `/${asset}`}${side === 'replica' ? ' (replica)' : ''}`;

export const failureBody = (r: FailureReport): string =>
  [
    `What       ${r.step} failed: ${FAILURES[r.failure].what} (${r.failure})`,
    `On what    ${onWhat(r)}`,
    `Why        ${oneLine(r.detail, DETAIL_CHARACTERS)}`,
    ...(r.stopCode === undefined ? [] : [`Stop code  ${r.stopCode}`]),
    `Tries      ${r.tries}, and no more follow`,
    `Meaning    ${meaning(r)}`,
    `Do next    ${adviceOf(r)}`,
    `Runbook    docs/runbook.md, heading ${r.failure}`,
    `Then       ${nextCommand(r)}`,
    `Execution  ${r.execution}`,
    '',
  ].join('\n');

/** What is about all assets, or several, names none. */
function onWhat({ system, asset, scenario, point, side }: FailureReport): string {
  const of = asset !== '' ? `asset ${asset} of ` : scenario === undefined ? '' : `scenario ${scenario} of `;
  return `${of}${system}${point ? `, point ${point}` : ''}${side === 'replica' ? ', in the replica' : ''}`;
}

const MEANING: Record<Exclude<Stage, 'restore'>, string> = {
  backup: 'This run ended before its point was whole. Earlier points are as they were',
  escrow: 'A version of a key may have no recoverable copy. Do not rotate the key before this is put right',
  drill: 'The point is not proven. A drill that could not run is not a pass',
  hold: 'Whether the point is held is as the list of holds says. S3’s holds of its objects may lag behind: the same again finishes it, and so does the next run of retention',
  audit: 'Nobody has compared the vault with the plan since the audit before. Nothing was changed',
  retention: 'Points that the plan keeps no longer may still be there. No point that it keeps was touched',
};

function meaning(r: FailureReport): string {
  if (leftPoint(r) !== undefined)
    return 'The point is committed and not finished: something of verified, locked, copied, signed and linked is missing. Earlier points are as they were';
  if (r.stage === 'restore') return meaningOfRestore(r);
  return MEANING[r.stage];
}

/** The point that a failed backup leaves unfinished. */
const leftPoint = ({ stage, point, step }: FailureReport) => (stage === 'backup' && leavesAPoint(step) ? point : undefined);

/** A machine that ended as failed is not redriven: it would go on with the state that says so. */
function nextCommand(r: FailureReport): string {
  const { stage, failure, scenario } = r;
  const unfinished = leftPoint(r);
  const asset = r.asset === '' ? [] : [shellWord(r.asset)];
  const from = fromOption(r.side).trim();
  // What is damaged stays damaged, however often it is verified: a new point is what is needed.
  if (unfinished !== undefined && failure !== 'PointDamaged') return command('backup', ...asset, `--finish ${unfinished}`);
  if (stage === 'restore') return nextOfRestore(r);
  if (stage === 'retention') return command('expire', ...asset, '--apply', from);
  if (stage === 'hold') return command('hold list', from);
  if (stage === 'audit') return command('audit', ...asset, from);
  // A scenario has its vault in the plan.
  if (stage === 'drill') return command('drill', ...asset, scenario === undefined ? from : `--scenario ${shellWord(scenario)}`);
  // An envelope may be of a key that is no longer in the plan, which a run for all keys opens as well.
  return command(stage, ...(isOfOlderEnvelope(r.step) ? [] : asset));
}
