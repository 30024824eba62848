import { buildReport } from '../../core/report/build-report.ts';
import type { ReportModel } from '../../core/report/model.ts';
import { decideColour } from '../../core/status/decide-colour.ts';
import type { VaultPlace } from '../connection.ts';
import { openPoints } from '../points.ts';
import { readRecords } from '../records.ts';
import type { Context } from '../verb.ts';

export type ReportWish = { points: number; from: VaultPlace };

/** The page of the context's plan, as one of its vaults shows it now. `notes`: what could not be read. */
export async function readSystem(context: Context, { points, from }: ReportWish): Promise<{ model: ReportModel; notes: string[] }> {
  const plan = context.plan();
  const { frame, version } = context;
  const vault = await openPoints(context, from);
  const connection = await context.connect();
  const now = frame.now();
  const records = await readRecords({ plan, connection, vault, environment: frame.environment, now }, points);
  const model = buildReport(plan, decideColour(plan, records.colours, now), records.report, {
    generatedAt: now.toISOString(),
    version,
    platform: connection.where,
    runs: [],
    attempts: [],
    notShown: [],
  });
  return { model, notes: records.notes };
}
