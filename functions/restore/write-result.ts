import type { z } from 'zod';
import { openBucket } from '../../adapters/s3/bucket.ts';
import { readRecord } from '../../adapters/vault/read-records.ts';
import { ObjectExists, ObjectMissing } from '../../core/ports/object-errors.ts';
import { parseJson } from '../../core/parse-json.ts';
import type { ObjectReader, ObjectWriter } from '../../core/ports/object-store.ts';
import { WriteResultEnvironment, WriteResultRequest, type WriteResultAnswer } from '../../core/restore/contract.ts';
import { composeFailure } from '../../core/restore/compose-failure.ts';
import { composeFollowUp, composeResult } from '../../core/restore/compose-result.ts';
import { RestoredPaper, SwapPaper, ValidatedPaper } from '../../core/restore/result.ts';
import { ProbedPaper } from '../../core/validation/contract.ts';
import { evidenceKey, restorePaperKey, signatureKey } from '../../core/vault/keys.ts';
import { handle } from '../edge.ts';

export type WriteResultPorts = { system: string; reader: ObjectReader; writer: Pick<ObjectWriter, 'putOnce'> };
type Request = z.output<typeof WriteResultRequest>;

/** Makes the evidence of a restore, or of what became of its kept database, from what its steps have left. May only be asked what was kept. */
export async function writeResult(request: Request, ports: WriteResultPorts): Promise<z.infer<typeof WriteResultAnswer>> {
  const { system, writer } = ports;
  const { action, run } = request;
  const swap = await readPaper(request, ports, { undo: 'undone', finish: 'finished', restore: 'swapped' }[action], SwapPaper);
  const kept = swap?.kept ?? '';
  if (request.look) return { evidence: '', signature: '', kept };
  if (!request.stands)
    return { ...(await put(evidenceKey(system, 'restore-failure', run), await composeFailed(request, ports), writer)), kept };
  const record = action === 'restore' ? await composeRestore(request, ports, swap) : composeFollowUp(system, { ...request, action }, swap);
  return { ...(await put(evidenceKey(system, action === 'restore' ? 'restore-result' : `restore-${action}`, run), record, writer)), kept };
}

async function put(evidence: string, record: object, writer: WriteResultPorts['writer']) {
  await writer.putOnce(evidence, JSON.stringify(record)).catch((error: unknown) => {
    // An earlier try wrote it from the same papers.
    if (!(error instanceof ObjectExists)) throw error;
  });
  return { evidence, signature: signatureKey(evidence) };
}

async function composeFailed(request: Request, ports: WriteResultPorts) {
  const restored = await readPaper(request, ports, 'restored', RestoredPaper);
  return composeFailure(ports.system, request, { restored, validated: await readPaper(request, ports, 'validated', ValidatedPaper) });
}

async function composeRestore(request: Request, ports: WriteResultPorts, swap: SwapPaper | undefined) {
  const restored = await readPaper(request, ports, 'restored', RestoredPaper);
  if (!restored) throw new ObjectMissing(`What the restore ${request.run} wrote of itself in ${ports.reader.bucket}`);
  const validated = await readPaper(request, ports, 'validated', ValidatedPaper);
  const probed = await readPaper(request, ports, 'probed', ProbedPaper);
  return composeResult(ports.system, request, { restored, validated, probed, swap });
}

/** Undefined when the step did not happen. */
async function readPaper<T>(
  { asset, run }: Request,
  { system, reader }: WriteResultPorts,
  paper: string,
  schema: z.ZodType<T>,
): Promise<T | undefined> {
  const record = await readRecord(reader, restorePaperKey(system, asset, run, paper));
  return record && schema.parse(parseJson(record.body));
}

export const handler = handle({
  environment: WriteResultEnvironment,
  request: WriteResultRequest,
  connect: (environment): WriteResultPorts => ({
    system: environment.SYSTEM,
    ...openBucket(environment.VAULT_BUCKET, {}, process.env),
  }),
  run: writeResult,
});
