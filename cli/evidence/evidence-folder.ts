/** A new folder of exported evidence: each record as it stands in the vault, with its signature and a page that says what it says. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ExportList } from '../../core/evidence/export-list.ts';
import { sha256Hex } from '../../core/evidence/statement.ts';
import { isYoungAt, parseRecordName } from '../../core/evidence/verify/context.ts';
import type { SignatureChecker, SignatureState } from '../../core/evidence/verify/signatures.ts';
import { describeEvidence } from '../../core/report/evidence/describe-evidence.ts';
import { renderEvidence } from '../../core/report/evidence/render-evidence.ts';
import type { IndexLine } from '../../core/report/evidence/render-index.ts';
import { signatureKey } from '../../core/vault/keys.ts';
import type { VaultPlace } from '../connection.ts';
import type { HeldEvidence } from './read-both-regions.ts';

/** More lines make no page that a person reads; the folder has all. */
const MOST_LINES = 5000;

export const PLACES = { vault: 'the vault', replica: 'the replica vault' } as const satisfies Record<VaultPlace, string>;

/** `unvouched`: of those, what no run that is still at it explains. */
export type Done = { records: number; unsigned: number; otherKey: number; invalid: number; unknown: number; unvouched: number };

type FolderParts = { system: string; version: string; now: Date; asset: string | undefined; signatures: SignatureChecker };

/** Makes the folder. */
export function evidenceFolder(target: string, { system, version, now, asset, signatures }: FolderParts) {
  const done: Done = { records: 0, unsigned: 0, otherKey: 0, invalid: 0, unknown: 0, unvouched: 0 };
  const lines: IndexLine[] = [];
  const files: ExportList['files'] = [];
  mkdirSync(target, { recursive: true });

  const write = (key: string, bytes: Uint8Array | string): void => {
    const path = join(target, ...key.split('/'));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes, { flag: 'wx' });
    files.push({ file: key, sha256: sha256Hex(Buffer.from(bytes)) });
  };
  const count = (key: string, signature: SignatureState): void => {
    done.records++;
    if (signature === 'signed') return;
    done[signature === 'other-key' ? 'otherKey' : signature]++;
    const id = parseRecordName(key.split('/').at(-1) ?? '')?.id ?? '';
    if (signature !== 'unsigned' || !isYoungAt(id, now)) done.unvouched++;
  };

  return {
    done,
    /** As they were added. */
    lines,
    /** What was written, with the sum of each. */
    files,
    write,
    add({ key, body, signature: envelope, heldIn }: HeldEvidence): void {
      const described = describeEvidence(body);
      if (asset !== undefined && described?.asset !== undefined && described.asset !== asset) return;
      const signature = signatures.check(key, body, envelope);
      write(key, body);
      if (envelope) write(signatureKey(key), envelope);
      count(key, signature);
      if (!described) {
        done.unknown++;
        return;
      }
      const page = key.replace(/\.json$/, '.html');
      write(page, renderEvidence(described, { system, key, sha256: sha256Hex(body), signature, body, version }));
      if (lines.length < MOST_LINES) lines.push({ ...described, page, key, signature, heldIn: PLACES[heldIn] });
    },
  };
}
