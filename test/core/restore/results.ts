import type { RestoreFailure, RestoreResult } from '../../../core/restore/result.ts';

/** The result of a restore in the morning of 21 November 2026, beside, of half an hour. */
export const restoreResult = (change: Partial<RestoreResult> = {}): RestoreResult => ({
  format: 'holdfast/restore-result/v1',
  system: 'ida',
  asset: 'postgres',
  point: '20261121T011500Z',
  run: '20261121T092000Z-3fa9c1',
  database: 'ida',
  startedAt: '2026-11-21T09:20:00.000Z',
  finishedAt: '2026-11-21T09:50:00.000Z',
  bytesRestored: 1,
  notes: [],
  ...change,
});

/** The same, in place, refused when it was to take the old one's place. */
export const restoreFailure = (change: Partial<RestoreFailure> = {}): RestoreFailure => ({
  format: 'holdfast/restore-failure/v1',
  action: 'restore',
  outcome: 'refused',
  system: 'ida',
  asset: 'postgres',
  point: '20261121T011500Z',
  run: '20261121T072000Z-3fa9c1',
  target: 'in-place',
  database: 'ida',
  startedAt: '2026-11-21T07:20:00.000Z',
  endedAt: '2026-11-21T07:50:00.000Z',
  step: 'Swap the databases',
  failure: 'TargetRefused',
  reasons: ['Swap the databases: a session cannot be ended'],
  left: ['"ida" is the old database: nothing was replaced', '"ida_new_20261121t011500z" beside it has all of the point, and is kept'],
  ...change,
});
