import { expect, test } from 'vitest';
import { RestoreOutput } from '../../../core/restore/result.ts';
import { accepted, ANSWERS } from './answers.ts';
import { runMachine } from './run-machine.ts';

test.each([
  ['none', undefined],
  ['one', ['It may not be readable: an old proof']],
  ['two', ['an old proof', 'an old opening']],
])('what is to be known of a point comes to the end of its restore: %s', async (_, remarks) => {
  const check = { ...accepted, ...(remarks ? { remarks } : {}) };
  const end = await runMachine('restore', { asset: 'ida-db' }, { ...ANSWERS.restore, 'restore-check-request': () => check });
  expect(end.status).toBe('SUCCEEDED');
  expect(RestoreOutput.parse('output' in end ? end.output : end).remarks).toEqual(remarks ?? []);
});
