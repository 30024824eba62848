import type { AgreementProofs } from '../../core/report/agreement/proofs.ts';
import { buildReport } from '../../core/report/build-report.ts';
import type { ReviewState } from '../../core/plan/review.ts';
import type { ReportModel } from '../../core/report/model.ts';
import { buildOverview, type DatabaseRecords } from '../../core/report/overview/build-overview.ts';
import type { Overview } from '../../core/report/overview/model.ts';
import { findWrongs, type WrongReport } from '../../core/report/wrongs.ts';
import { decideColour } from '../../core/status/decide-colour.ts';
import { postgresAssets } from '../assets.ts';
import type { VaultPlace } from '../connection.ts';
import { NOTHING_LOST } from '../lost-points.ts';
import { openPoints } from '../points.ts';
import { readRecords } from '../records.ts';
import { reviewParts } from '../review/read-review.ts';
import { joinDrills } from '../evidence/read-other-region.ts';
import { joinProofs, readProofs } from '../evidence/read-proofs.ts';
import { joinFailedRestores, joinRestores, readFailedRestores, readRestores } from '../evidence/read-restores.ts';
import { readHolds } from './read-holds.ts';
import { readOtherDrills } from './read-other-drills.ts';
import type { Context } from '../verb.ts';

export type ReportWish = { points: number; from: VaultPlace };
export type SystemPage = { model: ReportModel; overview: Overview; review: ReviewState; proofs: AgreementProofs; notes: string[] };

/** The page of the context's plan, as one of its vaults shows it now. `notes`: what could not be read. */
export async function readSystem(context: Context, { points, from }: ReportWish): Promise<SystemPage> {
  const plan = context.plan();
  const { frame, version } = context;
  const vault = await openPoints(context, from);
  const connection = await context.connect();
  const now = frame.now();
  const records = await readRecords({ ...reviewParts(context), connection, vault, from, environment: frame.environment, now }, points);
  const other = await readOtherDrills({ plan, connection, environment: frame.environment, from, now });
  const notes = [...new Set([...records.notes, ...other.notes])];
  const evidences = joinDrills(records.report.evidences, other.evidences, 'oldest first');
  const status = decideColour(plan, records.colours, now);
  const databases: Record<string, DatabaseRecords> = {};
  const wrongs: WrongReport[] = [];
  for (const { id } of postgresAssets(plan)) {
    const catalog = await vault.catalog(id);
    const lost = records.lost[id] ?? NOTHING_LOST;
    const read = new Map([...(records.judged[id] ?? []), ...(records.points[id] ?? [])].map((point) => [point.listed.point, point]));
    const damaged = [...read.values()].flatMap((point) => ('damage' in point ? [{ point: point.listed.point, damage: point.damage }] : []));
    wrongs.push(...findWrongs(id, { lost, listed: catalog.points, damaged }, from));
    databases[id] = {
      catalog,
      newest: (records.points[id] ?? []).flatMap((point) => ('records' in point ? [point.records] : [])),
      judged: records.colours.points[id] ?? [],
      lost: lost.points.map(({ point }) => point),
      drills: evidences[id] ?? [],
      holds: await readHolds(vault, { system: plan.system, asset: id }, catalog),
    };
  }
  const model = buildReport(
    plan,
    status,
    { ...records.report, evidences, wrongs },
    {
      generatedAt: now.toISOString(),
      version,
      platform: connection.where,
      runs: [],
      attempts: [],
      notShown: [],
      otherRegionUnread: other.unread,
      notes,
    },
  );
  const restores = joinRestores(await vault.reading(() => readRestores(vault.reader, plan, now)), other.restores, from);
  const failed = await vault.reading(() => readFailedRestores(vault.reader, plan, now));
  const failedRestores = joinFailedRestores(failed, other.failedRestores);
  const own = await vault.reading(() => readProofs(vault.reader, plan.system, now));
  const proofs = { ...joinProofs(own, other.proofs), restores };
  const overview = buildOverview(plan, status, { model, records: databases, restores, failedRestores }, now);
  return { model, overview, review: records.review, proofs, notes };
}
