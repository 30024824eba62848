/** Opens what is to be checked, with the keys that it is held to, and checks it. */
import { resolve } from 'node:path';
import { openCopy } from '../../adapters/directory/open-copy.ts';
import { plainCopy } from '../../adapters/directory/plain-copy.ts';
import { readExportList } from '../../adapters/directory/read-export-list.ts';
import type { ExportList } from '../../core/evidence/export-list.ts';
import type { PublicKey } from '../../core/evidence/public-key.ts';
import type { CheckRequest } from '../../core/evidence/verify/open-check.ts';
import type { VaultCopy } from '../../core/evidence/verify/vault-copy.ts';
import { verifyExport } from '../../core/evidence/verify/verify-export.ts';
import { verifyVault, type VerifyAnswer } from '../../core/evidence/verify/verify-vault.ts';
import { postgresAssets } from '../assets.ts';
import { UsageWrong } from '../errors.ts';
import { openVault, type VaultPlace } from '../connection.ts';
import { translated } from '../machines/aws-errors.ts';
import { startCounter } from '../output/counter.ts';
import type { Context } from '../verb.ts';
import { readHeads, readKeyFiles } from './files.ts';
import { explainMissing, signingKeys, type SigningKeys } from './signing-keys.ts';

type Wish = {
  directory: string | undefined;
  publicKeyFiles: readonly string[];
  asset: string | undefined;
  readsBytes: boolean;
  earlier: string | undefined;
  from: VaultPlace;
};

type Opened = {
  copy: VaultCopy;
  system: string;
  known: string[];
  publicKeys: readonly PublicKey[];
  missing: SigningKeys['missing'];
  /** Of a folder that `evidence export` wrote. */
  list?: ExportList | undefined;
};
export type Verified = Pick<Opened, 'missing' | 'list'> & {
  answer: VerifyAnswer;
  where: string;
  system: string;
  keys: { sha256: string; source: 'file' | 'KMS' }[];
};

/** Undefined when ^C stopped it. */
export async function verifyEvidence(context: Context, wish: Wish): Promise<Verified | undefined> {
  const { frame } = context;
  const at = (path: string) => resolve(frame.workingDirectory, path);
  const earlier = wish.earlier === undefined ? [] : readHeads(at(wish.earlier), wish.earlier);
  const given = readKeyFiles(
    'evidence verify',
    wish.publicKeyFiles.map((path) => ({ path: at(path), called: path })),
  );
  const opened =
    wish.directory === undefined ? await openDeployed(context, wish.from, given) : await openDirectory(at(wish.directory), given);
  const { copy, system, known, publicKeys, missing, list } = opened;
  if (list) refuseOfExport(wish);

  const stopping = new AbortController();
  const removeHandler = frame.onInterrupt(() => stopping.abort());
  const counter = context.isQuiet ? undefined : startCounter(frame);
  try {
    const request: CheckRequest = {
      copy,
      system,
      publicKeys,
      now: frame.now(),
      onProgress: (progress) => counter?.show(progress),
      signal: stopping.signal,
    };
    const answer = list
      ? await verifyExport({ ...request, list })
      : await verifyVault({ ...request, asset: wish.asset, known, readsBytes: wish.readsBytes, earlier });
    // Nothing was found wrong with nothing: that must not read as an answer.
    if (list && answer.evidence === 0 && answer.problems.length === 0)
      throw new UsageWrong('evidence verify', [
        `<directory>: ${copy.where} is an export without a record of evidence (of ${list.since} to ${list.until}): nothing was checked`,
      ]);
    if (wish.asset !== undefined && answer.assets.every(({ points, expired, links }) => points + expired + links === 0))
      throw new UsageWrong('evidence verify', [`--asset: there is nothing of an asset '${wish.asset}' in ${copy.where}`]);
    const source = given.length > 0 ? 'file' : 'KMS';
    answer.notes.unshift(...missing.map(explainMissing));
    return { answer, missing, list, where: copy.where, system, keys: publicKeys.map(({ sha256 }) => ({ sha256, source })) };
  } catch (error) {
    if (!stopping.signal.aborted) throw error;
    return undefined;
  } finally {
    counter?.end();
    removeHandler();
  }
}

async function openDirectory(directory: string, publicKeys: readonly PublicKey[]): Promise<Opened> {
  const list = readExportList(directory);
  const opened = list
    ? { copy: { where: directory, reader: plainCopy(directory), hasVersions: false }, system: list.system }
    : await openCopy(directory);
  return { ...opened, list, known: [], publicKeys, missing: [] };
}

/** What only a vault has: nothing would be looked at, and that must not read as an answer. */
function refuseOfExport({ directory, asset, readsBytes, earlier }: Wish): void {
  const problems = [
    ...(asset === undefined ? [] : ['--asset']),
    ...(readsBytes ? ['--data'] : []),
    ...(earlier === undefined ? [] : ['--earlier']),
  ].map((option) => `${option}: ${directory} is an export of evidence, which holds no points: check the vault or a copy of it`);
  if (problems.length > 0) throw new UsageWrong('evidence verify', problems);
}

async function openDeployed(context: Context, from: VaultPlace, given: readonly PublicKey[]): Promise<Opened> {
  const plan = context.plan();
  const connection = await context.connect();
  const reader = openVault(connection, plan, from, context.frame.environment);
  const where = `s3://${reader.bucket}`;
  const { keys, missing } =
    given.length > 0 ? { keys: given.map((publicKey) => ({ publicKey })), missing: [] } : await signingKeys(connection, plan);
  // The first request tells whether there is such a vault, and whether this person may read it.
  await translated(`Reading the ${from} ${where}`, connection.where, async () => {
    for await (const _ of reader.listFolders('catalog/')) return;
  });
  return {
    copy: { where, reader, hasVersions: true },
    system: plan.system,
    known: postgresAssets(plan).map(({ id }) => id),
    publicKeys: keys.map(({ publicKey }) => publicKey),
    missing,
  };
}
