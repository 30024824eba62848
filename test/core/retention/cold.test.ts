import { describe, expect, it } from 'vitest';
import type { ListedVersion } from '../../../core/ports/object-store.ts';
import { isToMark, selectColdPoints } from '../../../core/retention/cold.ts';
import { decideRetention } from '../../../core/retention/decide.ts';
import type { PointState } from '../../../core/retention/point-state.ts';
import type { RetentionPolicy } from '../../../core/retention/policy.ts';

const DAY_SECONDS = 86_400;
const NOW = new Date('2026-11-21T12:00:00Z');
const cold = { afterSeconds: 30 * DAY_SECONDS, class: 'deep-archive' } as const;
const policy: RetentionPolicy = { hotSeconds: 365 * DAY_SECONDS, keepProven: 1, zone: 'UTC', cold };

const daysAgo = (days: number, change: Partial<PointState> = {}): PointState => {
  const instant = new Date(Date.parse('2026-11-21T02:00:00Z') - days * DAY_SECONDS * 1000);
  const point = instant.toISOString().replaceAll(/[-:]|\.000/g, '');
  const state = {
    point,
    instant,
    verified: true,
    proven: false,
    replicated: true,
    holds: [],
    neededBy: [],
    hidden: false,
    tombstoned: false,
  };
  return { ...state, ...change };
};
const selected = (points: PointState[], of: RetentionPolicy = policy) =>
  [...selectColdPoints(points, decideRetention(points, of, NOW), cold)].toSorted();

describe('points whose data moves to cold storage', () => {
  it('are as old as the plan says, counted to the newest good point', () => {
    const points = [daysAgo(0), daysAgo(29), daysAgo(30), daysAgo(200)];
    expect(selected(points)).toEqual([points[3]?.point, points[2]?.point]);
    // Thirty failed days later nothing more has moved.
    const failed = Array.from({ length: 30 }, (_, day) => daysAgo(-day - 1, { verified: false }));
    expect(selected([...points, ...failed])).toEqual([points[3]?.point, points[2]?.point]);
    expect(selected(failed)).toEqual([]);
  });

  it('are none of those that somebody in a hurry restores', () => {
    const [newest, proven, old, older] = [daysAgo(0), daysAgo(40, { proven: true }), daysAgo(50, { proven: true }), daysAgo(60)];
    expect(selected([newest, proven, old, older])).toEqual([older.point, old.point]);
    expect(selected([newest, proven, old, older], { ...policy, keepLast: 3 })).toEqual([older.point]);
  });

  it('are good, and do not expire', () => {
    const bad = [daysAgo(40, { verified: false }), daysAgo(41, { tombstoned: true }), daysAgo(42, { unreadable: 'torn' })];
    // What was not copied would be lost for the copy, which reads it.
    bad.push(daysAgo(43, { replicated: false }));
    expect(selected([daysAgo(0), ...bad, daysAgo(400)])).toEqual([]);
    // A held point is kept for years, and costs less there.
    const held = daysAgo(400, { holds: ['case 7'] });
    expect(selected([daysAgo(0), held])).toEqual([held.point]);
  });
});

describe('what gets the tag', () => {
  const version: ListedVersion = {
    key: 'data/x',
    versionId: 'v',
    sizeBytes: 131_072,
    lastModified: NOW,
    isLatest: true,
    isDeleteMarker: false,
    storageClass: 'STANDARD',
  };

  it.each([
    ['is large enough', {}, true],
    ['is of a listing without classes', { storageClass: undefined }, true],
    ['is too small for S3 to move', { sizeBytes: 131_071 }, false],
    ['has moved', { storageClass: 'DEEP_ARCHIVE' }, false],
    ['is a delete marker', { isDeleteMarker: true }, false],
  ] as const)('%s', (_, change, expected) => expect(isToMark({ ...version, ...change }, cold)).toBe(expected));
});
