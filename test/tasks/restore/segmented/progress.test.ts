/** What tells of a restore's progress has one holder at a time, and whoever follows hears how far the one before had come. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openLoadSession, type LoadSession } from '../../../../adapters/postgres/load-session.ts';
import { PROGRESS_SCHEMA } from '../../../../core/restore/half-made.ts';
import { RestoreTakenOver } from '../../../../tasks/restore/errors.ts';
import { enterPhase, makeProgress, readMarker, removeProgress } from '../../../../tasks/restore/segmented/progress.ts';
import { takeUp } from '../../../../tasks/restore/segmented/take-up.ts';
import { freshDatabase, type FreshDatabase } from '../../../helpers/servers.ts';
import { loginTo } from '../../dump/ports.ts';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase('progress');
});
afterAll(() => database.drop());

const within = async <T>(work: (session: LoadSession) => Promise<T>): Promise<T> => {
  const session = await openLoadSession(loginTo(database), 'progress of a restore');
  try {
    return await work(session);
  } finally {
    await session.close();
  }
};

it('a run that is taken over writes and removes nothing more', async () => {
  const [first, second] = ['first', 'second'].map((holder) => ({ schema: PROGRESS_SCHEMA, holder }));
  if (!first || !second) throw new Error('there are two');
  const marker = () => within((session) => readMarker(session, PROGRESS_SCHEMA));
  await within((session) => makeProgress(session, first, 'identity', ['a note']));
  const seen = await marker();
  await within((session) => enterPhase(session, first, 'rows'));
  expect(seen).toEqual({ identity: 'identity', phase: 'schema', notes: ['a note'] });

  expect(await within((session) => takeUp(session, second, database.database, 'identity'))).toBe('rows');
  await expect(within((session) => takeUp(session, first, database.database, 'another'))).rejects.toThrow(
    'half made by a restore of another point',
  );
  await expect(within((session) => enterPhase(session, first, 'end'))).rejects.toThrow(RestoreTakenOver);
  await expect(within((session) => removeProgress(session, first))).rejects.toThrow(RestoreTakenOver);
  expect(await marker()).toMatchObject({ phase: 'rows' });
  await within((session) => removeProgress(session, second));
  expect(await marker()).toBeUndefined();
});
