import type { ApprovalParts } from '../approval/block.ts';
import { orElse } from '../asl/expression.ts';

/** What whoever approves is shown of a restore, from the variables of the machine. */
export const ASKED: ApprovalParts['asked'] = {
  action: '$action',
  target: '$target',
  database: '$database',
  details: orElse('$check.details', '[]'),
};
