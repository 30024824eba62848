/** Evidence of a restore from what its steps have left. Pure. */
import type * as z from 'zod';
import { parseJson } from '../parse-json.ts';
import { followUpSeconds } from '../sign-off/decide.ts';
import { LeftToPeople } from '../sign-off/records.ts';
import type { WriteResultRequest } from './contract.ts';
import type { ProbedPaper } from '../validation/contract.ts';
import type { RestoreSelection } from './selection.ts';
import { RestoreResult, type RestoredPaper, type RestoreFollowUp, type SwapPaper, type ValidatedPaper } from './result.ts';

type Request = z.output<typeof WriteResultRequest>;
type Papers = {
  restored: RestoredPaper;
  validated: ValidatedPaper | undefined;
  probed: ProbedPaper | undefined;
  swap: SwapPaper | undefined;
};

const secondsOf = ({ startedAt, finishedAt }: { startedAt: string; finishedAt: string }) =>
  (Date.parse(finishedAt) - Date.parse(startedAt)) / 1000;

/** Nobody waited for what took no time at all; that cold data was asked for is said in any case. */
const times = ({ times: given }: Request) =>
  Object.fromEntries(Object.entries(given).filter(([name, seconds]) => seconds > 0 || name === 'retrievalSeconds'));

/** Most restores are of everything. */
export const saySelection = (selection: RestoreSelection): { selection?: RestoreSelection } =>
  Object.keys(selection).length === 0 ? {} : { selection };

/** `finishedAt` is when the point stood where it was to go. */
export function composeResult(system: string, request: Request, { restored, validated, probed, swap }: Papers): RestoreResult {
  const { asset, point, run, target, database, selection, safety, resumed, manual, failed } = request;
  // Of the database first, then of the application on it.
  const checked = [validated, probed].filter((paper) => paper !== undefined);
  const timed = checked.filter(({ checks }) => checks.length > 0);
  const left = manual === '' ? undefined : LeftToPeople.parse(parseJson(manual));
  const followUps = (left?.followUps ?? []).map(followUpSeconds).filter((seconds) => seconds !== undefined);
  return RestoreResult.parse({
    format: 'holdfast/restore-result/v1',
    system,
    asset,
    point,
    run,
    database,
    startedAt: restored.startedAt,
    finishedAt: swap?.finishedAt ?? restored.finishedAt,
    bytesRestored: restored.bytesRestored,
    notes: [...restored.notes, ...(swap?.notes ?? [])],
    target,
    ...saySelection(selection),
    ...(swap?.kept === undefined ? {} : { kept: swap.kept }),
    ...(safety === '' ? {} : { safety }),
    ...(checked.length === 0
      ? {}
      : {
          validation: {
            checks: checked.flatMap(({ checks }) => checks),
            ...(validated?.unchecked === undefined ? {} : { unchecked: validated.unchecked }),
          },
        }),
    ...(left === undefined ? {} : { leftToPeople: left }),
    times: {
      ...times(request),
      restoreSeconds: secondsOf(restored),
      ...(timed.length === 0 ? {} : { validationSeconds: timed.reduce((sum, paper) => sum + secondsOf(paper), 0) }),
      ...(followUps.length === 0 ? {} : { followUpSeconds: followUps.reduce((sum, seconds) => sum + seconds, 0) }),
    },
    ...(resumed === undefined ? {} : { resumed }),
    ...(failed.failure === '' ? {} : { failed: { failure: failed.failure, message: failed.message } }),
  });
}

export const composeFollowUp = (
  system: string,
  { action, asset, run, of, database, startedAt, failed }: Request & { action: 'undo' | 'finish' },
  swap: SwapPaper | undefined,
): RestoreFollowUp => ({
  format: 'holdfast/restore-follow-up/v1',
  action,
  system,
  asset,
  run,
  of,
  database,
  ...(swap?.kept === undefined ? {} : { kept: swap.kept }),
  startedAt: new Date(startedAt).toISOString(),
  finishedAt: swap?.finishedAt ?? new Date(startedAt).toISOString(),
  notes: [...(swap?.notes ?? []), ...(failed.failure === '' ? [] : [failed.message])],
});
