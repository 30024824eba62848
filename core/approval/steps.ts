/** Steps of the restore machine that wait for people, by what is true once they are done. */
export const APPROVAL = {
  decide: 'Decide whether somebody has to approve',
  write: 'Write down what is asked',
  sign: 'Sign what was said',
  lock: 'Lock what was said',
  copy: 'Copy what was said',
  ask: 'Wait for the approvals',
  confirm: 'Read the decisions again',
  goOn: 'Decide whether it is approved',
  later: 'Wait for the trail to say who asked',
  refused: 'The request was not approved',
} as const;
