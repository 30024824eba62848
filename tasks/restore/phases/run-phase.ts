/** One phase of a restore, as the machine asks for it. */
import type { PreparedPaper, RestoredPaper, SwapPaper, TaskPaper, ValidatedPaper } from '../../../core/restore/result.ts';
import { keepsNothing, replacesDatabase, type RestoreTarget, type TaskPhase } from '../../../core/restore/target.ts';
import { isWithoutOwners } from '../../../core/restore/restore-login.ts';
import { keptDatabaseName, shellDatabaseName, stagedDatabaseName, undoneDatabaseName } from '../../../core/restore/target-names.ts';
import { whyUnchecked } from '../../../core/validation/restore-checks.ts';
import { loadPlacedPoint } from '../place-point.ts';
import { applicationNameOf, identityOf, runRestore, type RestoreOrder, type RestorePorts } from '../run-restore.ts';
import { cleanReplay } from '../swap/clean-replay.ts';
import { OldDatabaseUnknown } from '../swap/errors.ts';
import { loginBeside } from '../swap/maintenance.ts';
import { prepareReplacement } from '../swap/prepare.ts';
import { dropAndCreate } from '../swap/replace.ts';
import { settleReplay } from '../swap/replay-marks.ts';
import { settle, type Swapped } from '../swap/settle.ts';
import { dropKept, settleUndo, swapBack } from '../swap/swap-back.ts';
import { swapIn } from '../swap/swap-in.ts';
import { lookForObstacles } from './preflight.ts';
import { RestoredIsWrong, validateRestored } from './validate.ts';

export type Papers = {
  /** Written once: what an earlier try wrote stands. */
  write: (paper: TaskPaper, content: RestoredPaper | ValidatedPaper | SwapPaper | PreparedPaper) => Promise<void>;
  restored: () => Promise<RestoredPaper | undefined>;
  prepared: () => Promise<PreparedPaper | undefined>;
};

export type PhaseOrder = RestoreOrder & {
  phase: TaskPhase;
  target: RestoreTarget;
  /** Of `undo`, what settles it, and `finish`: the run whose kept database it is; empty otherwise. */
  of: string;
};

export type PhasePorts = Omit<RestorePorts, 'record' | 'recorded' | 'prepared' | 'makeRoom' | 'settleIn'> & { papers: Papers };

export async function runPhase(order: PhaseOrder, ports: PhasePorts, signal: AbortSignal): Promise<void> {
  const { phase, target, database, point, run, of } = order;
  const { papers } = ports;
  const applicationName = applicationNameOf(order);
  const avoid = [
    database,
    stagedDatabaseName(database, point),
    shellDatabaseName(database),
    keptDatabaseName(database, of === '' ? run : of),
    undoneDatabaseName(database, of === '' ? run : of),
  ];
  const login = !replacesDatabase(target)
    ? ports.login
    : await loginBeside(ports.login, applicationName, avoid).catch((error: unknown) => {
        // An earlier try of this run may have dropped it.
        const isUnknown = phase === 'replace' && target === 'drop-and-create';
        throw isUnknown ? new OldDatabaseUnknown(database, shellDatabaseName(database), error) : error;
      });
  const beside: RestorePorts = {
    ...ports,
    login,
    record: (paper) => papers.write('restored', paper),
    recorded: papers.restored,
    prepared: papers.prepared,
  };
  const kept = { database, of, run, applicationName };
  const finishedAt = () => ports.now().toISOString();

  switch (phase) {
    case 'preflight':
      return target === 'beside' ? undefined : lookForObstacles(order, target, beside, signal);
    case 'prepare': {
      // What an earlier try of this run has marked is what is saved.
      if (target === 'beside' || (await papers.prepared()) !== undefined) return;
      const prepared = await prepareReplacement(order, target, beside);
      return papers.write('prepared', { finishedAt: finishedAt(), ...prepared });
    }
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
    case 'settle': {
      const record = (swapped: Swapped) => papers.write('swapped', { finishedAt: finishedAt(), ...swapped });
      if (of === '') {
        await settle(await swapOrder(order, ports), beside, record);
        return keepsNothing(target) ? settleReplay(order, beside) : undefined;
      }
      const undone = await settleUndo(kept, beside);
      return undone && papers.write('undone', { finishedAt: finishedAt(), ...undone });
    }
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
  const { manifest, manifestSha256 } = await loadPlacedPoint(reader, { system, asset: asset.id, point }, from);
  return {
    database,
    staged: stagedDatabaseName(database, point),
    run,
    identity: identityOf(order, manifestSha256),
    noOwner: isWithoutOwners(asset, selection ?? {}, manifest.dump.options),
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
  const unchecked = whyUnchecked(selection);
  await papers.write('validated', {
    startedAt,
    finishedAt: now().toISOString(),
    checks,
    ...(unchecked === undefined ? {} : { unchecked }),
  });
  const failed = checks.filter(({ outcome }) => outcome === 'failed');
  if (failed.length > 0) throw new RestoredIsWrong(filled, failed, target);
}
