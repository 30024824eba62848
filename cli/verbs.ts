import { approve } from './approve.ts';
import { audit } from './audit.ts';
import { backup } from './backup.ts';
import { doctor } from './doctor.ts';
import { drill } from './drill.ts';
import { drillHistory } from './drill-history.ts';
import { escrow } from './escrow.ts';
import { escrowCeremony } from './escrow-ceremony.ts';
import { escrowCombine } from './escrow-combine.ts';
import { escrowExport } from './escrow-export.ts';
import { escrowGuard } from './escrow-guard.ts';
import { escrowProveOffline } from './escrow-prove-offline.ts';
import { evidenceDownload } from './evidence-download.ts';
import { evidenceExport } from './evidence-export.ts';
import { evidenceKey } from './evidence-key.ts';
import { evidenceVerify } from './evidence-verify.ts';
import { expire } from './expire.ts';
import { exportPoint } from './export.ts';
import { holdAdd } from './hold-add.ts';
import { holdList } from './hold-list.ts';
import { holdRelease } from './hold-release.ts';
import { list } from './list.ts';
import { objectives } from './objectives.ts';
import { planCheck } from './plan-check.ts';
import { planReview } from './plan-review.ts';
import { reject } from './reject.ts';
import { report } from './report.ts';
import { requests } from './requests.ts';
import { restore } from './restore.ts';
import { restoreResume } from './restore-resume.ts';
import { restoreSignoff } from './restore-signoff.ts';
import { restoreTick } from './restore-tick.ts';
import { restoreUndo } from './restore-undo.ts';
import { show } from './show.ts';
import { status } from './status.ts';
import { verify } from './verify.ts';
import type { Verb } from './verb.ts';

/** In the order in which a user meets them. */
export const VERBS: readonly Verb[] = [
  doctor,
  planCheck,
  planReview,
  escrow,
  escrowGuard,
  backup,
  list,
  status,
  report,
  show,
  verify,
  drill,
  drillHistory,
  objectives,
  restore,
  requests,
  approve,
  reject,
  restoreUndo,
  restoreResume,
  restoreTick,
  restoreSignoff,
  exportPoint,
  expire,
  audit,
  escrowCeremony,
  escrowExport,
  escrowCombine,
  escrowProveOffline,
  holdAdd,
  holdRelease,
  holdList,
  evidenceVerify,
  evidenceKey,
  evidenceDownload,
  evidenceExport,
];
