import * as z from 'zod';
import { DecideRequest } from '../core/approval/contract.ts';
import { DECIDE_EXITS, DECIDE_OPTIONS, DECIDE_POSITIONALS, decideInput, decideRequest } from './requests/decide.ts';
import { defineVerb } from './verb.ts';

export const approve = defineVerb({
  name: 'approve',
  summary: 'Approve a restore that waits: what is asked is shown first, and your name is that of your signed session',
  positionals: DECIDE_POSITIONALS,
  options: [{ flags: '--reason <text>', help: 'why, for whoever reads the evidence' }, ...DECIDE_OPTIONS],
  isRemote: true,
  examples: [
    'npx holdfast approve 20261121T101500Z-3fa9c1',
    'npx holdfast approve 20261121T101500Z-3fa9c1 --yes --profile restore-approver',
    'npx holdfast approve 20261121T101500Z-3fa9c1 --local --as bob',
  ],
  exits: DECIDE_EXITS,
  input: z.strictObject({ ...decideInput, reason: DecideRequest.shape.reason }),
  run: (context, wish) => decideRequest(context, 'approved', wish),
});
