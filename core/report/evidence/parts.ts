import { html, type Content } from '../html.ts';
import { pill } from '../sections/parts.ts';

export const id = (text: string): Content => html`<span class="id">${text}</span>`;
export const passed = (outcome: string) => (outcome === 'passed' ? pill('green', 'Passed') : pill('red', 'Failed'));

export const VERDICTS = {
  passed: { colour: 'green', word: 'Passed' },
  failed: { colour: 'red', word: 'Failed' },
  'could-not-run': { colour: 'amber', word: 'Could not run' },
} as const;
