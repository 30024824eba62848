/** The part of a proof for which custodians and witnesses meet: from a medium and shares to what is seen. */
import { hasFingerprint } from '../../adapters/escrow/offline/same-fingerprint.ts';
import { kmsClients } from '../../adapters/escrow/kms-key.ts';
import { OfflineFileUnopened } from '../../core/escrow/offline/errors.ts';
import { inFours } from '../../core/escrow/offline/identity.ts';
import type { MediumFile } from '../../core/escrow/offline/medium.ts';
import type { Proof } from '../../core/escrow/offline/proof.ts';
import { keyAlias } from '../../core/names.ts';
import { UsageWrong } from '../errors.ts';
import type { Context } from '../verb.ts';
import { gatherIdentity } from './gather-shares.ts';
import { readIdentity } from './read-identity.ts';
import { openerOf, proveMedium } from './prove-medium.ts';
import { unlessGivenUp } from './unless-given-up.ts';
import { findDamaged, notAsExported, readMediumList } from './read-medium.ts';

/** `identity`: where somebody has it whole; shares are asked for when it is undefined. */
type Wish = { directory: string; /** As it was typed. */ named: string; witness: string[]; identity: string | undefined };

/**
 * Everything that can be found wrong without them is found before custodians have typed for minutes.
 * @throws UsageWrong, OfflineFileUnopened, ShareUnusable, AskingInterrupted
 */
export async function holdProof(
  context: Context,
  { directory, named, witness, identity }: Wish,
): Promise<{ proof: Proof; damaged: MediumFile[] }> {
  const { frame } = context;
  const { system, home } = context.plan();
  const refuse = (why: string) => new UsageWrong('escrow prove-offline', [`--medium ${named} ${why}`]);
  const list = readMediumList(directory, named);
  if (list.system !== system) throw refuse(`is of the system ${list.system}, and the plan of ${system}`);
  // Whichever ceremony the shares are of.
  if (list.files.length === 0) throw refuse('holds no file of any key, so that there is nothing to prove: export the keys again');
  // What is seen at a time before the export would count for nothing: a computer started from a stick may have lost its clock.
  const now = frame.now().toISOString();
  if (now < list.exportedAt)
    throw refuse(`was exported at ${list.exportedAt}, and this computer's clock says ${now}: set the clock, in UTC, and start again`);
  const damaged = findDamaged(directory, list.files);
  if (damaged.length === list.files.length) throw new OfflineFileUnopened('damaged', `No file of ${named} is as it was exported`);
  for (const { file } of damaged) context.tell(`${notAsExported(file)}, and is left out: take another medium for it.`);
  const connection = await context.connect();
  const kms = kmsClients(connection.settings(home.region))(home.region);
  const compare = (message: Uint8Array, fingerprint: string) => hasFingerprint(kms, keyAlias(system, 'fingerprint'), message, fingerprint);
  await compare(Buffer.from('holdfast/may-compare'), '00'.repeat(32));

  const startedAt = frame.now().toISOString();
  const { secret, recipient, ceremony, numbers } = await (identity === undefined ? gatherIdentity(frame) : readIdentity(frame, identity));
  const files = list.files.filter(({ recipients }) => recipients.includes(recipient));
  const proven = await proveMedium(files, { directory, list, open: openerOf(secret), compare: unlessGivenUp(frame, compare) }).finally(() =>
    secret.fill(0),
  );
  if (files.length === 0)
    throw refuse(
      identity === undefined
        ? `holds no file for the identity of the ceremony ${inFours(ceremony)}: use the shares of the ceremony that its sheet names`
        : `holds no file for the identity of the recipient ${recipient}`,
    );
  if (proven.results.length === 0)
    throw new OfflineFileUnopened('damaged', `No file of ${named} for the ceremony ${inFours(ceremony)} is as it was exported`);
  const proof: Proof = {
    startedAt,
    finishedAt: frame.now().toISOString(),
    recipient,
    shares: numbers,
    medium: { exportedAt: list.exportedAt, from: list.from },
    witnesses: witness,
    results: proven.results,
  };
  return { proof, damaged: proven.damaged };
}
