/** What a restore may leave that ended between two of its steps: what it has stopped stays so, and of its database nobody has told. */
import { APPROVAL } from '../../core/approval/steps.ts';
import { FAILED_RESTORE } from '../../core/failure/steps.ts';
import { quoteIdentifier } from '../../core/restore/sql-names.ts';
import type { RestoreTarget } from '../../core/restore/target.ts';
import { runId } from '../../core/vault/ids.ts';
import { postgresAssets } from '../assets.ts';
import type { Stopped } from '../start-machine.ts';
import type { Context } from '../verb.ts';

type Asked = {
  /** Unknown of an execution that was started elsewhere, as is the asset of an undo. */
  target?: RestoreTarget | undefined;
  asset?: string | undefined;
  to?: string | undefined;
};

export const whenStopped =
  (context: Context, { target, asset, to }: Asked) =>
  ({ execution, startedAt, entered }: Stopped): string => {
    if (entered?.has(APPROVAL.write) && !entered.has(FAILED_RESTORE.begin))
      return 'Nothing was touched: it waited for approval, and its request ends with it. The same again is a new request';
    if (target === 'beside')
      return `The new database ${to} may have stayed half made. The same restore again goes on with it (of the same point: \`latest\` may be a newer one by then); or drop it, on its server: DROP DATABASE IF EXISTS ${quoteIdentifier(to ?? '')} WITH (FORCE)`;
    const run = startedAt === undefined ? '<run>' : runId(startedAt, execution);
    return [
      ...(target === undefined ? ['If it replaces a database:'] : []),
      ...sayResume(context, run, asset),
      `The database may be closed to new connections, hold what was restored, or be half made: docs/runbook.md, heading A restore that was cut off, run ${run}.`,
      'The same again goes on with it',
    ].join(' ');
  };

/** Nothing where the plan stops nothing. */
function sayResume(context: Context, run: string, asset: string | undefined): string[] {
  const all = postgresAssets(context.plan());
  const stopping = all.filter(({ id, restore }) => restore?.quiesce !== undefined && (asset === undefined || id === asset));
  if (stopping.length === 0) return [];
  const of = all.length === 1 ? '' : ` --asset ${stopping.length === 1 ? stopping[0]?.id : '<asset>'}`;
  return [`What it has stopped stays stopped until \`npx holdfast restore resume ${run}${of}\`.`];
}
