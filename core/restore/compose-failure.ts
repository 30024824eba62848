/** Evidence of a restore, an undo or a finish that began and did not come through. Pure. */
import type * as z from 'zod';
import type { FailureName } from '../failure/classes.ts';
import { BEFORE_REPLACING } from '../failure/steps.ts';
import type { WriteResultRequest } from './contract.ts';
import { saySelection } from './compose-result.ts';
import { describeLeft } from './describe-left.ts';
import { RestoreFailure, type RestoredPaper, type ValidatedPaper } from './result.ts';

type Request = z.output<typeof WriteResultRequest>;

/** Classes that say that something was not to be done, whatever step found it. */
const REFUSALS: readonly FailureName[] = ['TargetRefused', 'TargetNotEmpty', 'TooLittleTime', 'NotSaved'];

/** Without a safety backup nothing is replaced, whatever kept it from being made. */
const isRefusal = ({ step, failure }: Request['failed']) => step === BEFORE_REPLACING.save || REFUSALS.some((name) => name === failure);

/** @param papers what its steps have left, as far as they came */
export function composeFailure(
  system: string,
  request: Request,
  { restored, validated }: { restored: RestoredPaper | undefined; validated: ValidatedPaper | undefined },
): RestoreFailure {
  const { action, asset, point, run, of, target, database, selection, safety, resumed, failed, settled, startedAt, times } = request;
  const started = new Date(startedAt);
  return RestoreFailure.parse({
    format: 'holdfast/restore-failure/v1',
    action,
    outcome: isRefusal(failed) ? 'refused' : 'failed',
    system,
    asset,
    point,
    run,
    ...(of === '' ? {} : { of }),
    target,
    ...saySelection(selection),
    database,
    startedAt: started.toISOString(),
    endedAt: new Date(started.getTime() + (times['elapsedSeconds'] ?? 0) * 1000).toISOString(),
    step: failed.step,
    failure: failed.failure,
    reasons: [failed.message],
    left: describeLeft({ action, target, database, point, run, of, safety, step: failed.step, settled, filled: restored?.database }),
    ...(safety === '' ? {} : { safety }),
    ...(validated === undefined
      ? {}
      : {
          validation: {
            checks: validated.checks,
            ...(validated.unchecked === undefined ? {} : { unchecked: validated.unchecked }),
          },
        }),
    ...(resumed === undefined || resumed.message === '' ? {} : { resumed }),
    times: Object.fromEntries(Object.entries(times).filter(([, seconds]) => seconds > 0)),
  });
}
