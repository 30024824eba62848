/** What a check of a vault finds. Every problem is kept, none ends the check. */

/**
 * `damage`: something contradicts what was signed or linked, or is gone although something signed names it. `unvouched`: nothing
 * signed says that it is what it was; its run may not have ended, or somebody took away what vouched for it.
 */
export const PROBLEM_GRADES = {
  'signature-invalid': 'damage',
  'signature-missing': 'unvouched',
  'key-not-given': 'unvouched',
  'key-id-differs': 'damage',
  'record-differs': 'damage',
  'record-missing': 'damage',
  'record-unreadable': 'damage',
  'record-overwritten': 'damage',
  'record-hidden': 'damage',
  'record-foreign': 'unvouched',
  'format-unknown': 'unvouched',
  'chain-gap': 'damage',
  'chain-broken': 'damage',
  'chain-rewritten': 'damage',
  'chain-shortened': 'damage',
  'point-missing': 'damage',
  'expiry-unvouched': 'unvouched',
  'point-linked-twice': 'damage',
  'point-unlinked': 'unvouched',
  'object-missing': 'damage',
  'object-differs': 'damage',
} as const satisfies Record<string, 'damage' | 'unvouched'>;
export type ProblemKind = keyof typeof PROBLEM_GRADES;

/** `key`: the object that it is about, where it stands or should stand. `records`: of a key, all that it alone speaks for. */
export type Problem = { kind: ProblemKind; key: string; text: string; records?: readonly string[] };

export type Findings = {
  problems: Problem[];
  /** What was not checked, and why. */
  notes: string[];
};

export type Report = (kind: ProblemKind, key: string, text: string, records?: readonly string[]) => void;

export type Verdict = 'whole' | 'unvouched' | 'damaged';

export const decideVerdict = (problems: readonly Problem[]): Verdict => {
  const grades = new Set(problems.map(({ kind }) => PROBLEM_GRADES[kind]));
  return grades.has('damage') ? 'damaged' : grades.has('unvouched') ? 'unvouched' : 'whole';
};
