/** Opens each file of a medium with an identity and compares the fingerprint of what is in it. Values are compared and overwritten, never shown. */
import { openOffline } from '../../adapters/escrow/offline/age-file.ts';
import { fingerprintMessage } from '../../core/escrow/fingerprint.ts';
import { OfflineFileUnopened } from '../../core/escrow/offline/errors.ts';
import type { MediumFile, MediumList } from '../../core/escrow/offline/medium.ts';
import type { ProofResult } from '../../core/escrow/offline/proof.ts';
import { recipientsId } from '../../core/escrow/offline/recipients.ts';
import { readMediumFile } from './read-medium.ts';

export type ProofParts = {
  directory: string;
  list: MediumList;
  /** Opens the bytes of a file; throws OfflineFileUnopened. */
  open: (file: Uint8Array, where: string) => Promise<Uint8Array>;
  /** Whether a message of a value's has the fingerprint. */
  compare: (message: Uint8Array, fingerprint: string) => Promise<boolean>;
};
/** `damaged`: this copy is not what was exported, which says nothing of the file in escrow, nor of other media. */
export type MediumProof = { results: ProofResult[]; damaged: MediumFile[] };

/** @param files of the list, those that the identity is said to open */
export async function proveMedium(files: readonly MediumFile[], parts: ProofParts): Promise<MediumProof> {
  const proof: MediumProof = { results: [], damaged: [] };
  for (const file of files) {
    const result = await proveFile(file, parts);
    if (result) proof.results.push(result);
    else proof.damaged.push(file);
  }
  return proof;
}

/** @returns undefined for a file of the medium that is not what was exported */
async function proveFile(file: MediumFile, { directory, list, open, compare }: ProofParts): Promise<ProofResult | undefined> {
  const { key, fingerprint, sha256 } = file;
  const about = { key, fingerprint, recipients: recipientsId(file.recipients), sha256 };
  const bytes = readMediumFile(directory, file);
  if (!bytes) return undefined;
  let value: Uint8Array;
  try {
    value = await open(bytes, file.file);
  } catch (error) {
    if (!(error instanceof OfflineFileUnopened)) throw error;
    return { ...about, outcome: 'failed', reason: 'damaged' };
  }
  const message = fingerprintMessage(list.system, key, value);
  value.fill(0);
  const isSame = await compare(message, fingerprint).finally(() => message.fill(0));
  return isSame ? { ...about, outcome: 'passed' } : { ...about, outcome: 'failed', reason: 'other-value' };
}

export const openerOf =
  (secret: Uint8Array): ProofParts['open'] =>
  (file, where) =>
    openOffline(file, secret, where);
