/** A finding as people are told it: what is wrong, on what, what puts it right, and the command that does. */
import type { Side } from '../names.ts';
import type { AuditedAsset } from './contract.ts';
import { explainChain } from './explain-chain.ts';
import { explainEscrow } from './explain-escrow.ts';
import { explainObjects } from './explain-objects.ts';
import { explainSettings } from './explain-settings.ts';
import { isOfChain, isOfEscrow, type Finding } from './findings.ts';

export type AuditedSide = {
  system: string;
  side: Side;
  region: string;
  bucket: string;
  planFile: string;
  run: string;
  assets: readonly AuditedAsset[];
};
/** Sentences without their full stop. */
export type Told = { what: string; fix: string; command: string };

export function explainFinding(finding: Finding, on: AuditedSide): Told {
  if ('stack' in finding) return explainSettings(finding, on);
  if (isOfEscrow(finding)) return explainEscrow(finding, on);
  return isOfChain(finding) ? explainChain(finding, on) : explainObjects(finding, on);
}
