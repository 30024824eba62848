import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { z } from 'zod';
import { openBucket } from '../../adapters/s3/bucket.ts';
import { snsNotifier } from '../../adapters/sns/publish.ts';
import { parseJson } from '../../adapters/vault/read-records.ts';
import { ReportFailureEnvironment, ReportFailureRequest, type ReportFailureAnswer } from '../../core/backup/contract.ts';
import { FailureNote } from '../../core/backup/failure-note.ts';
import { classifyTaskFailure } from '../../core/failure/classify-task.ts';
import { decideRetry } from '../../core/failure/decide-retry.ts';
import { failureBody, failureSentence, failureSubject } from '../../core/failure/message.ts';
import { toldText } from '../../core/failure/told-text.ts';
import type { Notifier } from '../../core/ports/notifier.ts';
import type { ObjectReader } from '../../core/ports/object-store.ts';
import { failureNoteKey, pointDataPrefix } from '../../core/vault/keys.ts';
import { handle } from '../edge.ts';
import { METRICS_NAMESPACE, putMetrics } from '../metrics.ts';

type Request = z.output<typeof ReportFailureRequest>;
export type ReportPorts = {
  system: string;
  vault: Pick<ObjectReader, 'get' | 'listFolders'>;
  notifier: Notifier;
  /** Counts a failure that is final. */
  count: (dimensions: { system: string; asset: string; stage: string; failure: string }) => void;
  /** For what goes wrong while a failure is being told. */
  warn: (what: string, error: unknown) => void;
};

/** Never fails because of the failure that it reports: what nobody can classify is Unexpected. */
export async function reportFailure(request: Request, ports: ReportPorts): Promise<z.output<typeof ReportFailureAnswer>> {
  const { system, notifier, count, warn } = ports;
  const { stage, step, asset, point, execution, tries } = request;
  const classified = classifyTaskFailure(request.error.Cause, request.error.Error);
  const left = await readNote(request, ports);
  const detail = left?.failure === classified.failure ? describe(left) : (toldText(request.error) ?? classified.detail);
  const report = { system, stage, step, asset, point, execution, tries, failure: classified.failure, detail };
  const { retry, waitSeconds, reason } = decideRetry(classified.failure, tries);
  const message = failureSentence(report);
  if (retry) return { failure: classified.failure, retry, waitSeconds, message: `${message} (${reason})` };

  count({ system, asset, stage, failure: classified.failure });
  try {
    await notifier.publish(failureSubject(report), failureBody(report));
  } catch (error) {
    // The run fails all the same, and the alarm on failed runs does not depend on this message.
    warn('the alarm topic did not take the message', error);
    return { failure: classified.failure, retry, waitSeconds, message: `${message}. The alarm topic did not take this message` };
  }
  return { failure: classified.failure, retry, waitSeconds, message };
}

const describe = ({ message, sqlstate, object }: FailureNote) =>
  [message, ...(sqlstate ? [`SQLSTATE ${sqlstate}`] : []), ...(object ? [`object ${object}`] : [])].join('; ');

/** What the last attempt of this try left. Attempts are folders `<claim>-<try>`, in order. */
async function readNote({ asset, point, tries }: Request, { system, vault, warn }: ReportPorts): Promise<FailureNote | undefined> {
  if (point === undefined) return undefined;
  try {
    const attempts: string[] = [];
    for await (const folder of vault.listFolders(pointDataPrefix(system, asset, point)))
      if (folder.endsWith(`-${tries}/`)) attempts.push(folder);
    const last = attempts.at(-1);
    const found = last === undefined ? undefined : await vault.get({ key: failureNoteKey(last) });
    return found && FailureNote.safeParse(parseJson(found.body)).data;
  } catch (error) {
    warn('what the attempt left could not be read', error);
    return undefined;
  }
}

export const handler = handle({
  environment: ReportFailureEnvironment,
  request: ReportFailureRequest,
  connect: (environment): ReportPorts => {
    const metrics = new Metrics({ namespace: METRICS_NAMESPACE });
    const logger = new Logger({ serviceName: 'holdfast' });
    return {
      system: environment.SYSTEM,
      vault: openBucket(environment.VAULT_BUCKET, {}, process.env).reader,
      notifier: snsNotifier(environment.ALARM_TOPIC_ARN, {}),
      count: (dimensions) => putMetrics(metrics, dimensions, [{ name: 'RunFailed', unit: 'Count', value: 1 }]),
      warn: (what, error) => logger.warn(what, { error: error instanceof Error ? error.name : typeof error }),
    };
  },
  run: reportFailure,
});
