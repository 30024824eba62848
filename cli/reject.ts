import * as z from 'zod';
import { DecideRequest } from '../core/approval/contract.ts';
import { DECIDE_EXITS, DECIDE_OPTIONS, DECIDE_POSITIONALS, decideInput, decideRequest } from './requests/decide.ts';
import { defineVerb } from './verb.ts';

export const reject = defineVerb({
  name: 'reject',
  summary: 'Reject a restore that waits for approval: it ends, whoever else has approved it',
  positionals: DECIDE_POSITIONALS,
  options: [{ flags: '--reason <text>', help: 'why, for whoever asked and for the evidence' }, ...DECIDE_OPTIONS],
  isRemote: true,
  examples: [
    'npx holdfast reject 20261121T101500Z-3fa9c1 --reason source-is-back',
    'npx holdfast reject 20261121T101500Z-3fa9c1 --reason wrong-point --yes --output json',
  ],
  exits: DECIDE_EXITS,
  input: z.strictObject({ ...decideInput, reason: DecideRequest.shape.reason.unwrap() }),
  run: (context, wish) => decideRequest(context, 'rejected', wish),
});
