import { expect, test } from 'vitest';
import { historyReader } from '../../cli/machines/history.ts';
import { stepProgress } from '../../cli/output/progress.ts';
import { painter } from '../../cli/output/paint.ts';

const AT = new Date('2026-11-21T02:00:00Z');
const STEP = 'Report the failure';
const message = 'Dump the database: The database did not answer (SourceUnreachable). Nothing at db:5432. Check host and port';
const history = (retry: boolean) => {
  const answer = { Payload: { failure: 'SourceUnreachable', retry, waitSeconds: 60, message } };
  const events = [
    { id: 1, timestamp: AT, type: 'TaskStateEntered' as const, stateEnteredEventDetails: { name: STEP } },
    {
      id: 2,
      previousEventId: 1,
      timestamp: AT,
      type: 'TaskSucceeded' as const,
      taskSucceededEventDetails: { resourceType: 'lambda', resource: 'invoke', output: JSON.stringify(answer) },
    },
    { id: 3, previousEventId: 2, timestamp: AT, type: 'TaskStateExited' as const, stateExitedEventDetails: { name: STEP } },
  ];
  return historyReader(() => Promise.resolve({ events }));
};

async function shown(retry: boolean): Promise<string> {
  let text = '';
  const stderr = { write: (more: string) => (text += more) };
  const frame = { stderr, environment: {}, now: () => AT } as unknown as Parameters<typeof stepProgress>[0];
  const progress = stepProgress(frame, painter(frame.stderr, frame.environment));
  for (const event of await history(retry).next()) progress.show(event);
  progress.end();
  return text;
}

test('a try that failed is told with its class and what became of it, and when the next one begins', async () => {
  expect(await shown(true)).toContain(`    ${message}. The next try begins in `);
});

test('the last one is the machine’s own to tell', async () => {
  expect(await shown(false)).not.toContain('SourceUnreachable');
});
