import type { z } from 'zod';
import { ListAssetsEnvironment, ListAssetsRequest, type ListAssetsAnswer } from '../../core/retention/contract.ts';
import { readRetentionInput } from '../../core/retention/read-input.ts';
import { runId } from '../../core/vault/ids.ts';
import { handle } from '../edge.ts';

/** The assets that this run goes through. Of an asset that the plan has dropped nothing expires. */
export const listAssets = ({
  input,
  execution,
  startedAt,
  assets,
}: z.output<typeof ListAssetsRequest>): z.infer<typeof ListAssetsAnswer> => ({
  run: runId(new Date(startedAt), execution),
  assets: readRetentionInput(input, assets),
});

export const handler = handle({
  environment: ListAssetsEnvironment,
  request: ListAssetsRequest,
  connect: () => undefined,
  run: (request) => Promise.resolve().then(() => listAssets(request)),
});
