/** What somebody asks of what an earlier restore has stopped. */
import type { z } from 'zod';
import type { CheckRequestAnswer, RestoreTerms } from '../../core/restore/contract.ts';
import { isRun } from '../../core/vault/ids.ts';

type Asked = { of: string; asset: string; terms?: Readonly<Record<string, Partial<RestoreTerms>>> | undefined };

/** Whether something can be put back stands in the working papers of the run, which only the functions that put it back may read. */
export function checkResume(
  { of, asset, terms }: Asked,
  { system, assets }: { system: string; assets: readonly string[] },
): z.infer<typeof CheckRequestAnswer> {
  const problems = [
    ...(isRun(of) ? [] : [`resume: '${of.slice(0, 40)}' is no run: the message of the restore that stopped it names it`]),
    ...(assets.includes(asset) ? [] : [`asset: there is no asset '${asset.slice(0, 40)}'. Possible: ${assets.join(', ')}`]),
    ...(Object.values(terms ?? {}).some(({ quiesce }) => quiesce) ? [] : ['resume: the plan has nothing that a restore stops']),
  ];
  if (problems.length > 0) return { accepted: false, problems, message: `Nothing can be put back: ${problems.join('; ')}` };
  return {
    accepted: true,
    system,
    action: 'resume',
    asset,
    point: '',
    run: of,
    target: 'beside',
    database: '',
    selection: {},
    of,
    quiesce: true,
    validate: false,
  };
}
