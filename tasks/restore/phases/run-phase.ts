/** One phase of a restore, as the machine asks for it. */
import type { SwapPaper, RestoredPaper, TaskPaper, ValidatedPaper } from '../../../core/restore/result.ts';
import { replacesDatabase, type RestoreTarget, type TaskPhase } from '../../../core/restore/target.ts';
import { restoreLoginOf } from '../../../core/restore/restore-login.ts';
import { keptDatabaseName, shellDatabaseName, stagedDatabaseName, undoneDatabaseName } from '../../../core/restore/target-names.ts';
import { loadPlacedPoint } from '../place-point.ts';
import { applicationNameOf, identityOf, runRestore, type RestoreOrder, type RestorePorts } from '../run-restore.ts';
import { cleanReplay } from '../swap/clean-replay.ts';
import { loginBeside } from '../swap/maintenance.ts';
import { dropAndCreate } from '../swap/replace.ts';
import { settle } from '../swap/settle.ts';
import { dropKept, swapBack } from '../swap/swap-back.ts';
import { swapIn } from '../swap/swap-in.ts';
import { lookForObstacles } from './preflight.ts';
import { RestoredIsWrong, validateRestored } from './validate.ts';

export type Papers = {
  /** Written once: what an earlier try wrote stands. */
  write: (paper: TaskPaper, content: RestoredPaper | ValidatedPaper | SwapPaper) => Promise<void>;
  restored: () => Promise<RestoredPaper | undefined>;
};

export type PhaseOrder = RestoreOrder & {
  phase: TaskPhase;
  target: RestoreTarget;
  /** Of `undo` and `finish`: the run whose kept database it is. */
  of: string;
};

export type PhasePorts = Omit<RestorePorts, 'record' | 'recorded' | 'makeRoom' | 'settleIn'> & { papers: Papers };

export async function runPhase(order: PhaseOrder, ports: PhasePorts, signal: AbortSignal): Promise<void> {
  const { phase, target, database, point, run, of } = order;
  const { papers } = ports;
  const applicationName = applicationNameOf(order);
  const avoid = [
    database,
    stagedDatabaseName(database, point),
    shellDatabaseName(database),
    keptDatabaseName(database, phase === 'undo' || phase === 'finish' ? of : run),
    undoneDatabaseName(database, run),
  ];
  const login = replacesDatabase(target) ? await loginBeside(ports.login, applicationName, avoid) : ports.login;
  const beside: RestorePorts = { ...ports, login, record: (paper) => papers.write('restored', paper), recorded: papers.restored };
  const kept = { database, of, run, applicationName };
  const finishedAt = () => ports.now().toISOString();

  switch (phase) {
    case 'preflight':
      return target === 'beside' ? undefined : lookForObstacles(order, target, beside, signal);
    case 'restore': {
      const isStaged = target === 'in-place';
      const staged = stagedDatabaseName(database, point);
      await runRestore({ ...order, isStaged, database: isStaged ? staged : database }, beside, signal);
      return;
    }
    case 'replace':
      await (target === 'clean-replay' ? cleanReplay : dropAndCreate)(order, beside, signal);
      return;
    case 'validate':
      return validate(order, ports, signal);
    case 'swap': {
      const swapped = await swapIn(await swapOrder(order, ports), beside, signal);
      return papers.write('swapped', { finishedAt: finishedAt(), ...swapped });
    }
    case 'settle':
      return settle(await swapOrder(order, ports), beside);
    case 'undo': {
      const undone = await swapBack(kept, beside, signal);
      return papers.write('undone', { finishedAt: finishedAt(), ...undone });
    }
    case 'finish': {
      const finished = await dropKept(kept, beside);
      return papers.write('finished', { finishedAt: finishedAt(), ...finished });
    }
    default:
      return phase satisfies never;
  }
}

async function swapOrder(order: PhaseOrder, { reader }: PhasePorts) {
  const { system, asset, point, database, run, selection, from = 'vault' } = order;
  const { manifestSha256 } = await loadPlacedPoint(reader, { system, asset: asset.id, point }, from);
  return {
    database,
    staged: stagedDatabaseName(database, point),
    run,
    identity: identityOf(order, manifestSha256),
    noOwner: restoreLoginOf(asset, selection).noOwner,
    applicationName: applicationNameOf(order),
  };
}

/** Throws RestoredIsWrong, naming what failed; all that was measured is written down in any case. */
async function validate(order: PhaseOrder, { reader, login, papers, now }: PhasePorts, signal: AbortSignal): Promise<void> {
  const { system, asset, point, target, database, selection = {} } = order;
  const startedAt = now().toISOString();
  const filled = target === 'in-place' ? stagedDatabaseName(database, point) : database;
  const applicationName = applicationNameOf(order);
  const checks = await validateRestored({ login, database: filled, system, asset, point, selection, reader, applicationName }, signal);
  await papers.write('validated', { startedAt, finishedAt: now().toISOString(), checks });
  const failed = checks.filter(({ outcome }) => outcome === 'failed');
  if (failed.length > 0) throw new RestoredIsWrong(filled, failed);
}
