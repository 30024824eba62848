import { describe, expect, it } from 'vitest';
import type { Retrieval } from '../../../core/ports/object-store.ts';
import { decideRetrieval, isArchived, isToRequest, RetrievalOverdue } from '../../../core/restore/retrieval.ts';

const NOW = new Date('2026-11-21T12:00:00Z');
const hours = (count: number) => new Date(NOW.getTime() + count * 3_600_000);
const readable = (until: Date): Retrieval => ({ state: 'readable', until });
const decide = (retrievals: Retrieval[], since = '') => decideRetrieval({ point: 'p', since, retrievals, now: NOW });

describe('the retrieval of a point', () => {
  it('is no matter for a point that is in no archive', () => {
    expect(['STANDARD', 'STANDARD_IA', 'GLACIER_IR', undefined].map(isArchived)).toEqual([false, false, false, false]);
    expect(['GLACIER', 'DEEP_ARCHIVE'].map(isArchived)).toEqual([true, true]);
    expect(decide([])).toEqual({ ready: true, since: NOW.toISOString(), seconds: 0, waitSeconds: 0 });
  });

  it('goes on until the last object is there, and counts from the first request', () => {
    expect(decide([{ state: 'archived' }])).toEqual({ ready: false, since: NOW.toISOString(), seconds: 0, waitSeconds: 600 });
    const since = hours(-3).toISOString();
    expect(decide([readable(hours(100)), { state: 'ongoing' }], since)).toEqual({ ready: false, since, seconds: 10_800, waitSeconds: 600 });
    expect(decide([readable(hours(100))], since)).toEqual({ ready: true, since, seconds: 10_800, waitSeconds: 0 });
  });

  it('asks for what nobody has asked for, and for what would go away under a restore', () => {
    expect(isToRequest({ state: 'archived' }, NOW)).toBe(true);
    expect(isToRequest({ state: 'ongoing' }, NOW)).toBe(false);
    expect(isToRequest(readable(hours(35)), NOW)).toBe(true);
    expect(isToRequest(readable(hours(37)), NOW)).toBe(false);
  });

  it('that takes more than a day is told', () => {
    expect(() => decide([{ state: 'ongoing' }], hours(-25).toISOString())).toThrow(RetrievalOverdue);
    expect(decide([readable(hours(9))], hours(-25).toISOString())).toMatchObject({ ready: true, seconds: 90_000 });
  });
});
