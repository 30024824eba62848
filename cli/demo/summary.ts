/** What the demo ends with: every point, every objective beside what was measured, every colour and why. */
import type { ReportModel } from '../../core/report/model.ts';
import type { Colour } from '../../core/status/colour.ts';
import type { Paint } from '../output/paint.ts';
import { bytesText, secondsText } from '../../core/quantities.ts';
import { instant } from '../output/instant.ts';
import { table } from '../output/table.ts';

const PAINTED: Record<Colour, Parameters<Paint>[0]> = { red: 'red', 'no data': 'grey', amber: 'yellow', green: 'green' };

export function renderSummary(model: ReportModel, paint: Paint): string {
  const heading = (text: string) => `\n${paint('bold', text)}`;
  const missing = paint('dim', '-');
  const colour = (name: Colour) => paint(PAINTED[name], name);
  const lines: string[] = [];

  lines.push(heading('Recovery points'));
  const points = model.databases.flatMap((database) =>
    database.points.map((point) => [
      `${database.id}/${point.point}`,
      bytesText(point.sizeBytes),
      instant(point.committedAt),
      point.verifiedAt ? instant(point.verifiedAt) : missing,
      point.lockedUntil ? instant(point.lockedUntil) : missing,
      point.replicatedAt ? `${instant(point.replicatedAt)} to ${point.replicaRegion ?? ''}` : missing,
      point.lastDrill
        ? `${instant(point.lastDrill.at)} in ${secondsText(point.lastDrill.rtoSeconds)}, ${point.lastDrill.outcome}`
        : missing,
    ]),
  );
  lines.push(
    points.length > 0 ? table(['POINT', 'SIZE', 'COMMITTED', 'VERIFIED', 'LOCKED UNTIL', 'REPLICATED', 'LAST RESTORED'], points) : 'none',
  );

  lines.push(heading('Objectives'));
  const objectives = model.databases.flatMap((database) =>
    database.objectives.map((objective) => [
      database.id,
      objective.name,
      secondsText(objective.statedSeconds),
      objective.accepted ? `${secondsText(objective.accepted.seconds)} (declared gap ${objective.accepted.by})` : missing,
      objective.measured ? `${secondsText(objective.measured.seconds)} on ${objective.measured.on}` : missing,
    ]),
  );
  lines.push(table(['ASSET', 'OBJECTIVE', 'STATED', 'ACCEPTED', 'MEASURED'], objectives));

  lines.push(heading(`Colours: ${model.system} is ${colour(model.colour)}`));
  for (const asset of [...model.databases, ...model.keys]) {
    lines.push(`  ${asset.id} is ${colour(asset.status.colour)}`);
    for (const reason of asset.status.reasons) lines.push(`    ${paint(PAINTED[reason.colour], '•')} ${reason.text}`);
  }
  return lines.join('\n');
}

export function renderAttempts(attempts: ReportModel['attempts'], paint: Paint): string {
  const rows = attempts.map((one) => [
    `  ${one.isRefused ? paint('green', 'refused') : paint('red', 'NOT REFUSED')}`,
    `${one.role} role`,
    one.attempt,
    one.isRefused ? `by ${one.refusedBy}` : one.answer,
  ]);
  return table(['', '', '', ''], rows).split('\n').slice(1).join('\n');
}
