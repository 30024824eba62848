/** What every part of a check needs to know and to say. */
import { slotInstant } from '../../vault/ids.ts';
import type { ProblemKind, Report } from './findings.ts';
import type { SignatureChecker } from './signatures.ts';
import type { VaultCopy } from './vault-copy.ts';

export type CheckContext = {
  copy: VaultCopy;
  system: string;
  signatures: SignatureChecker;
  report: Report;
  /** A problem, unless the run that writes it may still be at it. `id`: of the slot, point or run. */
  reportUnlessYoung(kind: ProblemKind, key: string, id: string, text: string): void;
  /** `id`: of a slot, point or run. */
  isYoung(id: string): boolean;
  /** Records that are not signed because the release that wrote them signed none of their kind. */
  countUnsigned(): void;
  onRecord(bytes: number): void;
  signal: AbortSignal;
};

/** No run is longer than a day: what is older and not signed will not be. */
const LONGEST_RUN_MILLISECONDS = 86_400_000;
/** That the clock of whoever checks may be behind. What is dated further ahead than this would be young for ever. */
const CLOCK_SLACK_MILLISECONDS = 300_000;

/** @param id of a slot, point or run, which all begin with their instant */
export function isYoungAt(id: string, now: Date): boolean {
  const instant = instantOfId(id);
  if (instant === undefined) return false;
  const age = now.getTime() - instant.getTime();
  return age >= -CLOCK_SLACK_MILLISECONDS && age < LONGEST_RUN_MILLISECONDS;
}

export function instantOfId(id: string): Date | undefined {
  const slot = id.slice(0, 'YYYYMMDDTHHMMSSZ'.length);
  try {
    return slotInstant(slot);
  } catch {
    return undefined;
  }
}

/** `<kind>-<id>.json`, as facts and evidence are named: most ids are of runs; others begin behind the first hyphen. */
export function parseRecordName(file: string): { kind: string; id: string } | undefined {
  const found = /^([a-z][a-z-]*)-(\d{8}T\d{6}Z[\w-]*)\.json$/.exec(file) ?? /^([a-z]+)-([\w-]+)\.json$/.exec(file);
  return found?.[1] === undefined || found[2] === undefined ? undefined : { kind: found[1], id: found[2] };
}

export const NOBODY_VOUCHES = 'nothing vouches for it: its run did not end, or somebody took the signature away';
