import { Logger } from '@aws-lambda-powertools/logger';
import type { z } from 'zod';
import { openBucket } from '../../adapters/s3/bucket.ts';
import { snsNotifier } from '../../adapters/sns/publish.ts';
import { readFailureNote } from '../../adapters/vault/read-failure-note.ts';
import { ReportFailureEnvironment, ReportFailureRequest, type ReportFailureAnswer } from '../../core/backup/contract.ts';
import { classifyTaskFailure } from '../../core/failure/classify-task.ts';
import { decideRetry } from '../../core/failure/decide-retry.ts';
import { describeNote, type FailureNote } from '../../core/failure/failure-note.ts';
import { failureBody, failureSentence, failureSubject } from '../../core/failure/message.ts';
import { noteOfStep } from '../../core/failure/steps.ts';
import { toldText } from '../../core/failure/told-text.ts';
import type { Notifier } from '../../core/ports/notifier.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import type { VaultSide } from '../../core/vault/side.ts';
import { handle } from '../edge.ts';
import { putMetrics } from '../metrics.ts';

type Request = z.output<typeof ReportFailureRequest>;
export type ReportPorts = {
  system: string;
  side: VaultSide;
  vault: Pick<ObjectReader, 'get' | 'list'>;
  notifier: Notifier;
  /** Counts a failure that is final. Of which stage and class it is stands in the message alone. */
  count: (dimensions: { system: string; asset: string }) => void;
  /** For what goes wrong while a failure is being told. */
  warn: (what: string, error: unknown) => void;
};

/** Never fails because of the failure that it reports: what nobody can classify is Unexpected. */
export async function reportFailure(request: Request, ports: ReportPorts): Promise<z.output<typeof ReportFailureAnswer>> {
  const { system, side, notifier, count, warn } = ports;
  const { error, ...told } = request;
  const { asset, tries } = told;
  const classified = classifyTaskFailure(error.Cause, error.Error);
  const left = await readNote(request, ports);
  // A note of another class is not about this failure: the task was ended by something else after it.
  const note = left?.failure === classified.failure ? left : undefined;
  const detail = note ? describeNote(note) : (toldText(error) ?? classified.detail);
  const { failure, stopCode } = classified;
  const report = { ...told, system, side, failure, detail, stopCode, advice: note?.advice };
  const { retry, waitSeconds, reason } = decideRetry(classified.failure, tries);
  const message = failureSentence(report);
  if (retry) return { failure: classified.failure, retry, waitSeconds, message: `${message} (${reason})` };

  count({ system, asset });
  try {
    await notifier.publish(failureSubject(report), failureBody(report));
  } catch (error) {
    // The run fails all the same, and the alarm on failed runs does not depend on this message.
    warn('the alarm topic did not take the message', error);
    return { failure: classified.failure, retry, waitSeconds, message: `${message}. The alarm topic did not take this message` };
  }
  return { failure: classified.failure, retry, waitSeconds, message };
}

/** What the task of this step left, at this try. */
async function readNote({ asset, run, step, tries }: Request, { system, vault, warn }: ReportPorts): Promise<FailureNote | undefined> {
  const task = noteOfStep(step);
  if (task === undefined || run === undefined) return undefined;
  try {
    return await readFailureNote(vault, { system, asset, run, task, tryNumber: tries });
  } catch (error) {
    warn('what the task left could not be read', error);
    return undefined;
  }
}

export const handler = handle({
  environment: ReportFailureEnvironment,
  request: ReportFailureRequest,
  connect: (environment): ReportPorts => {
    const logger = new Logger({ serviceName: 'holdfast' });
    return {
      system: environment.SYSTEM,
      side: environment.SIDE,
      vault: openBucket(environment.VAULT_BUCKET, {}, process.env).reader,
      notifier: snsNotifier(environment.ALARM_TOPIC_ARN, {}),
      count: (dimensions) => putMetrics(dimensions, [{ name: 'RunFailed', unit: 'Count', value: 1 }]),
      warn: (what, error) => logger.warn(what, { error: error instanceof Error ? error.name : typeof error }),
    };
  },
  run: reportFailure,
});
