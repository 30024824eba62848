/** Whether a request is the one that an execution asks. An approval of any other opens nothing. */
import type { OwnRequest } from './contract.ts';
import { RequestOfAnother } from './errors.ts';
import { hashInput } from './input-hash.ts';
import type { ApprovalRequest } from './records.ts';

/** Throws RequestOfAnother. */
export function requireOwn(request: ApprovalRequest, own: OwnRequest): void {
  const { run } = own;
  if (request.execution !== own.execution) throw new RequestOfAnother(run, `is of another execution, ${request.execution}`);
  const { consistentAt: _, ...asked } = request.asked;
  const isSame = hashInput([request.asset, request.point ?? '', asked]) === hashInput([own.asset, own.point, own.asked]);
  if (!isSame) throw new RequestOfAnother(run, 'asks for something else');
  if (request.inputSha256 !== undefined && request.inputSha256 !== hashInput(own.input))
    throw new RequestOfAnother(run, 'is of another input of the machine');
}
