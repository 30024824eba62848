import { expect, test } from 'vitest';
import { renderReport } from '../../../core/report/render-report.ts';
import { findWrongs } from '../../../core/report/wrongs.ts';
import type { ListedPoint } from '../../../core/vault/read-point.ts';
import { sampleModel } from './sample-model.ts';

const listed = (point: string, over: Partial<ListedPoint> = {}): ListedPoint => ({
  point,
  kinds: new Set(['verified']),
  isHidden: false,
  isOverwritten: false,
  isSigned: true,
  ...over,
});
const lost = { points: [{ point: '20261118T020000Z', isElsewhere: true }], others: 2 };
const damaged = [{ point: '20261119T020000Z', damage: 'The manifest is not JSON' }];
const records = {
  lost,
  damaged,
  listed: [listed('20261121T020000Z'), listed('20261120T020000Z', { isHidden: true }), listed('20261119T020000Z', { isOverwritten: true })],
};

test('what is lost, damaged, hidden or written over is told with what to do, as the command line does', () => {
  expect(
    findWrongs('db', records, 'vault').map(({ colour, text, next }) => [colour, text.split(':')[0], next.split('`')[1] ?? next]),
  ).toEqual([
    ['red', 'Point db/20261118T020000Z is lost', 'npx holdfast verify db/20261118T020000Z --from replica'],
    ['red', '2 more are lost', 'npx holdfast evidence verify'],
    ['red', 'db/20261119T020000Z counts for nothing', 'npx holdfast evidence verify'],
    ['amber', 'A delete marker hides the manifest of db/20261120T020000Z', 'Find out who put it there'],
    ['red', 'Somebody wrote over the manifest of db/20261119T020000Z', 'npx holdfast evidence verify, and find out who wrote'],
  ]);
  expect(findWrongs('db', { ...records, listed: [], lost: { points: [], others: 0 } }, 'replica')[0]?.next).toBe(
    'npx holdfast evidence verify --from replica',
  );
  expect(findWrongs('db', { lost: { points: [], others: 0 }, damaged: [], listed: [listed('20261121T020000Z')] }, 'vault')).toEqual([]);
});

test('the page says it, and what was not looked at; where there is nothing to say it has no heading for it', () => {
  const page = renderReport({ ...sampleModel, wrongs: findWrongs('db', records, 'vault') });
  expect(page).toContain('What is not as it should be');
  expect(page).toContain('counts for nothing: The manifest is not JSON');
  expect(page).toContain('What was not looked at');
  expect(page).toContain('eu-west-1 does not exist: what it holds counts as not known');
  const quiet = renderReport({ ...sampleModel, wrongs: [], notes: [] });
  expect(quiet).not.toMatch(/What is not as it should be|What was not looked at/);
});
