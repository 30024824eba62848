import type { RestoreResult } from '../../../core/restore/result.ts';

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
