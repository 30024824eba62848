/** Overviews as some weeks with Holdfast leave them; of one database, or of many. */
import type { ReportModel } from '../../../core/report/model.ts';
import { answerControls } from '../../../core/report/overview/controls.ts';
import type { Overview, RunDay } from '../../../core/report/overview/model.ts';
import { sampleModel } from './sample-model.ts';
import { restoreFailure } from '../restore/results.ts';

const DAY_MS = 86_400_000;
const END = Date.parse('2026-11-21T00:00:00.000Z');
const DAYS = Array.from({ length: 63 }, (_, index) => new Date(END - (62 - index) * DAY_MS).toISOString().slice(0, 10));

function dayOf(day: string, index: number, shift: number): RunDay {
  const number = index + shift;
  const none = { day, slots: 1, verified: 0, unverified: 0, missed: 0, lost: 0, unknown: 0, before: 0 };
  if (index < 9) return { ...none, before: 1, state: 'none' };
  if (index < 20) return { ...none, unknown: 1, state: 'unknown' };
  if (number % 41 === 0) return { ...none, lost: 1, state: 'lost' };
  if (number % 23 === 0) return { ...none, missed: 1, state: 'missed' };
  if (number % 17 === 0) return { ...none, unverified: 1, state: 'unverified' };
  return { ...none, verified: 1, state: 'verified' };
}

export function overviewOf(model: ReportModel): Overview {
  const ids = model.databases.map(({ id }) => id);
  const parts = {
    freshness: ids.map((asset, index) => ({
      asset,
      colour: model.databases[index]?.status.colour ?? ('no data' as const),
      ageSeconds: index % 7 === 5 ? undefined : 3600 * (3 + ((index * 5) % 31)),
      statedSeconds: 3600,
      allowedSeconds: 26 * 3600,
    })),
    trends: ids.map((asset, index) => ({
      asset,
      verdict: index % 3 === 2 ? ('met' as const) : ('missed' as const),
      taken: { seconds: index % 3 === 2 ? 15 : 3500, people: index % 3 === 2 ? 0 : 1800 },
      isLastFailed: index % 4 === 3,
      statedSeconds: 3600,
      allowedSeconds: 3600,
      drills: Array.from({ length: 9 }, (_, number) => ({
        at: new Date(END - (9 - number) * 30 * DAY_MS).toISOString(),
        seconds: index % 3 === 2 ? 11 + number / 2 : 900 + 370 * ((number * (index + 2)) % 9),
        outcome: number === 4 ? ('failed' as const) : ('passed' as const),
        target: 'ephemeral PostgreSQL 16.4, restored from the vault',
      })),
    })),
    calendar: {
      days: DAYS,
      rows: ids.map((asset, row) => ({
        asset,
        days: DAYS.map((day, index) => dayOf(day, index, row * 5)),
        drills: [
          { day: '2026-10-20', outcome: 'passed' as const },
          { day: '2026-11-17', outcome: row % 2 === 0 ? ('failed' as const) : ('could-not-run' as const) },
        ],
      })),
    },
    failedRestores: ids.slice(0, 1).map((asset) => restoreFailure({ asset, resumed: { complete: false, message: 'Not put back: api' } })),
    restores: ids.slice(0, 2).map((asset, index) => ({
      asset,
      at: '2026-11-20T10:42:00.000Z',
      run: '20261120T094500Z-3fa9c1',
      point: '20261120T011500Z',
      target: index === 0 ? ('in-place' as const) : ('beside' as const),
      statedSeconds: 3600,
      seconds: index === 0 ? 5400 : 1260,
      outcome: { colour: 'green' as const, word: 'Restored' },
      undoneAt: index === 0 ? undefined : '2026-11-20T13:00:00.000Z',
      times: {
        detectionSeconds: index === 0 ? 1500 : 0,
        approvalSeconds: 300,
        restoreSeconds: 900,
        validationSeconds: 60,
        elapsedSeconds: 1260,
      },
      signed: index === 0 ? { by: 'ann', at: '2026-11-20T12:00:00.000Z' } : undefined,
      kept: index === 0 ? 'ida_before' : undefined,
    })),
    locks: ids.map((asset) => ({
      asset,
      points: 25,
      verified: 24,
      locked: 24,
      firstEnd: '2026-11-25T01:15:16.000Z',
      lastEnd: '2027-12-21T01:15:16.000Z',
      modes: { governance: 20, compliance: 4 },
      signed: 25,
      read: 25,
      replicated: 25,
      lagSeconds: 41,
      held: 1,
    })),
    holds: [
      {
        asset: ids[0] ?? '',
        point: '20261121T011500Z',
        hold: 'case-4711',
        at: '2026-11-20T10:00:00.000Z',
        by: 'arn:aws:sts::000000000000:assumed-role/custodian/anna',
        reason: 'Proceedings before the labour court',
      },
    ],
    price: {
      name: 'Holdfast',
      lines: [
        { what: 'interface endpoints', usd: 160.6 },
        { what: 'KMS keys', usd: 8.01 },
      ],
      totalUsd: 168.61,
      notes: ['List prices of us-east-1 and us-west-2, before tax and discounts.'],
    },
  };
  return { ...parts, controls: answerControls(model, parts, '2026-11-01T09:00:00.000Z') };
}

/** So many databases, each with points and drills of its own. */
export function manyAssets(databases: number, pointsOfEach: number, drillsOfEach?: number): ReportModel {
  const [sample] = sampleModel.databases;
  if (!sample) throw new Error('the sample has a database');
  return {
    ...sampleModel,
    databases: Array.from({ length: databases }, (_, index) => ({
      ...sample,
      id: `postgres-of-tenant-${index + 1}`,
      drills: Array.from({ length: drillsOfEach ?? sample.drills.length }, (_drill, number) => sample.drills[number % 3] ?? expectPoint()),
      points: Array.from({ length: pointsOfEach }, (_point, number) => ({
        ...(sample.points[number % 3] ?? expectPoint()),
        point: `202611${String(20 - (number % 20)).padStart(2, '0')}T${String(number % 24).padStart(2, '0')}1500Z`,
      })),
    })),
  };
}

const expectPoint = (): never => {
  throw new Error('the sample has three points, and three drills');
};
