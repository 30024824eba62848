import type { z } from 'zod';
import { BeginAuditEnvironment, BeginAuditRequest, type BeginAuditAnswer } from '../../core/audit/contract.ts';
import { readAuditInput } from '../../core/audit/read-input.ts';
import { runId } from '../../core/vault/ids.ts';
import { handle } from '../edge.ts';

/** What this run is about. It reads nothing: buckets and keys are looked at even when nothing in the vault can be read. */
export const beginAudit = ({ input, execution, startedAt, assets }: z.output<typeof BeginAuditRequest>): BeginAuditAnswer => ({
  run: runId(new Date(startedAt), execution),
  ...readAuditInput(input, assets),
});

export const handler = handle({
  environment: BeginAuditEnvironment,
  request: BeginAuditRequest,
  connect: () => undefined,
  run: (request) => Promise.resolve().then(() => beginAudit(request)),
});
