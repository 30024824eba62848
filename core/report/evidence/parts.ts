import type { SignatureState } from '../../evidence/verify/signatures.ts';
import { html, type Content } from '../html.ts';
import { pill } from '../sections/parts.ts';

export const id = (text: string): Content => html`<span class="id">${text}</span>`;
export const passed = (outcome: string) => (outcome === 'passed' ? pill('green', 'Passed') : pill('red', 'Failed'));

/** What became of a record's signature, and how a list and a page say it. */
export const SIGNATURES = {
  signed: { list: pill('green', 'Holds'), page: pill('green', 'Signature holds') },
  'other-key': { list: pill('amber', 'By a key that was not given'), page: pill('amber', 'Signed by a key that was not given') },
  unsigned: { list: pill('amber', 'None'), page: pill('amber', 'Not signed') },
  invalid: { list: pill('red', 'Does not hold'), page: pill('red', 'Signature does not hold') },
} as const satisfies Record<SignatureState, unknown>;

export const VERDICTS = {
  passed: { colour: 'green', word: 'Passed' },
  failed: { colour: 'red', word: 'Failed' },
  'could-not-run': { colour: 'amber', word: 'Could not run' },
} as const;
