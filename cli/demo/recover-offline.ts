/** What the custodians are for: a rotation, a medium, a proof before witnesses, the loss of KMS, and a value that opens all the same. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { DisableKeyCommand, DescribeKeyCommand, EnableKeyCommand } from '@aws-sdk/client-kms';
import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { clientConfig } from '../../adapters/aws/settings.ts';
import { openEscrowedKey } from '../../adapters/escrow/open-envelope.ts';
import { envelopeOpener } from '../../adapters/escrow/envelope.ts';
import { kmsClients } from '../../adapters/escrow/kms-key.ts';
import { openOffline } from '../../adapters/escrow/offline/age-file.ts';
import { readOfflineFiles } from '../../adapters/escrow/offline/read-offline.ts';
import { hasFingerprint } from '../../adapters/escrow/offline/same-fingerprint.ts';
import { combineShares } from '../../adapters/escrow/offline/secret-sharing.ts';
import { openBucket } from '../../adapters/s3/bucket.ts';
import { openCanary } from '../../core/drill/canary.ts';
import { KeyNotRecoverable } from '../../core/escrow/errors.ts';
import { joinShares } from '../../core/escrow/offline/join-shares.ts';
import type { MediumList } from '../../core/escrow/offline/medium.ts';
import { readShare } from '../../core/escrow/offline/share-text.ts';
import { escrowBucketName, keyAlias } from '../../core/names.ts';
import type { KeyAsset, KeyCanary, ProtectionPlan } from '../../core/plan/schema.ts';
import { placeIn, rootSettings, type LocalPlace } from '../../local/run/place.ts';
import type { Connection } from '../connection.ts';
import { openerOf, proveMedium } from '../escrow/prove-medium.ts';
import { readMediumFile } from '../escrow/read-medium.ts';
import { writeMedium } from '../escrow/write-medium.ts';
import { LOCAL_DIRECTORY } from '../connection-local.ts';
import { DemoStageFailed } from './errors.ts';
import type { Custody } from './hold-ceremony.ts';
import type { IdentitySource } from './identity-source.ts';
import type { Narrator } from './narrator.ts';
import { runMachine, type MachineRun } from './run-machine.ts';
import { plural } from '../../core/quantities.ts';

export type OfflineStep = {
  plan: ProtectionPlan;
  key: KeyAsset;
  canary: KeyCanary;
  /** The database, of which `canary` describes a value, and the key that the secret is given next. */
  source: IdentitySource;
  nextKeyHex: string;
  custody: Custody;
  connection: Connection;
  place: LocalPlace;
  signal: AbortSignal;
};

const MEDIUM = join(LOCAL_DIRECTORY, 'medium');

export async function recoverOffline(step: OfflineStep, narrator: Narrator): Promise<MachineRun[]> {
  const rotated = await rotate(step, narrator);
  narrator.stage('Write the offline files to a medium, and prove it with three custodians before a witness');
  const list = await exportMedium(step, narrator);
  const secret = await gather(step.custody, narrator);
  try {
    const proven = await prove(step, list, secret, narrator);
    narrator.stage('Lose KMS: every escrow key is disabled, and the key is recovered from paper and the medium');
    await withoutKms(step, list, () => openFromPaper(step, list, secret, narrator), narrator);
    return [rotated, proven];
  } finally {
    secret.fill(0);
    rmSync(MEDIUM, { recursive: true, force: true });
  }
}

async function rotate({ plan, key, source, nextKeyHex, connection, place, signal }: OfflineStep, narrator: Narrator): Promise<MachineRun> {
  narrator.stage(`Rotate ${key.id}, and escrow the new value beside the old one`);
  const { secret, field } = key.source;
  const client = new SecretsManagerClient(clientConfig(rootSettings(place, plan.home.region)));
  const SecretString = field === undefined ? nextKeyHex : JSON.stringify({ [field]: nextKeyHex });
  await client.send(new PutSecretValueCommand({ SecretId: secret, SecretString }));
  client.destroy();
  const run = succeeded(await runMachine(connection.machines, 'escrow', { key: key.id }, narrator.progress(), signal));
  // Else every later point would hold rows of a value that it does not name: docs/runbook.md, heading Rotating a key.
  await source.encryptAnew(nextKeyHex);
  narrator.done('The application encrypts its rows with the new value');
  return run;
}

const bucketOf = ({ plan, place }: OfflineStep, region: string) =>
  openBucket(
    escrowBucketName({ system: plan.system, account: place.accountId, region }),
    rootSettings(region === plan.home.region ? place : placeIn(place, plan.replica.account), region),
    {},
  );

async function exportMedium(step: OfflineStep, narrator: Narrator): Promise<MediumList> {
  const { plan, key, signal } = step;
  const { reader } = bucketOf(step, plan.home.region);
  rmSync(MEDIUM, { recursive: true, force: true });
  const { files } = await readOfflineFiles(reader, plan.system, key.id, narrator.frame.now());
  const about = { system: plan.system, exportedAt: narrator.frame.now().toISOString(), from: `s3://${reader.bucket}` };
  const list = await writeMedium(MEDIUM, about, files, signal);
  narrator.done(`${plural(list.files.length, 'value')} of ${key.id}, with a sheet and checksums`);
  return list;
}

/** The last three: which of them come is nobody's choice. */
async function gather({ sheets }: Custody, narrator: Narrator): Promise<Uint8Array> {
  const present = sheets.slice(-3);
  const { secret } = await joinShares(
    present.map(({ rows }) => readShare(rows)),
    combineShares,
  );
  narrator.done(`${present.map(({ custodian }) => custodian).join(', ')} type the rows of their sheets`);
  return secret;
}

async function prove({ plan, custody, connection, place, signal }: OfflineStep, list: MediumList, secret: Uint8Array, narrator: Narrator) {
  const startedAt = narrator.frame.now().toISOString();
  const { region } = plan.home;
  const kms = kmsClients({ ...rootSettings(place, region) })(region);
  const compare = (message: Uint8Array, fingerprint: string) =>
    hasFingerprint(kms, keyAlias(plan.system, 'fingerprint'), message, fingerprint);
  const { results } = await proveMedium(list.files, { directory: MEDIUM, list, open: openerOf(secret), compare });
  const proof = {
    startedAt,
    finishedAt: narrator.frame.now().toISOString(),
    recipient: custody.recipient,
    shares: custody.sheets.slice(-3).map(({ rows }) => readShare(rows).number),
    medium: { exportedAt: list.exportedAt, from: list.from },
    witnesses: ['the demo'],
    results,
  };
  for (const { fingerprint, outcome } of results)
    narrator.note(`fingerprint ${fingerprint.slice(0, 16)}: ${outcome === 'passed' ? 'the same' : 'differs'}`);
  return succeeded(await runMachine(connection.machines, 'escrow', { proof }, narrator.progress(), signal));
}

/** Opens nothing online meanwhile: both regions are asked, and must refuse. */
async function withoutKms(step: OfflineStep, list: MediumList, act: () => Promise<void>, narrator: Narrator): Promise<void> {
  const { plan, key, place } = step;
  const regions = [plan.home.region, plan.replica.region];
  const fingerprint = list.files[0]?.fingerprint ?? '';
  const settingsOf = (region: string) => rootSettings(region === plan.home.region ? place : placeIn(place, plan.replica.account), region);
  const keysOf = async (region: string) => {
    const kms = kmsClients(settingsOf(region))(region);
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: keyAlias(plan.system, 'escrow') }));
    return { kms, KeyId: KeyMetadata?.Arn ?? '' };
  };
  const keys = await Promise.all(regions.map(keysOf));
  for (const { kms, KeyId } of keys) await kms.send(new DisableKeyCommand({ KeyId }));
  try {
    for (const [index, region] of regions.entries()) {
      const { reader } = bucketOf(step, region);
      const escrowKeyArn = keys[index]?.KeyId ?? '';
      const opener = envelopeOpener(kmsClients(settingsOf(region)), escrowKeyArn);
      const opened = openEscrowedKey({ now: new Date(), reader, escrowKeyArn, opener, system: plan.system, key: key.id, fingerprint });
      const refused = await opened.then(
        () => undefined,
        (error: unknown) => error,
      );
      if (!(refused instanceof KeyNotRecoverable)) throw new DemoStageFailed(`The envelope in ${region} opened without its key`);
      narrator.note(`${region}: ${refused.message}`);
    }
    await act();
  } finally {
    for (const { kms, KeyId } of keys) await kms.send(new EnableKeyCommand({ KeyId }));
  }
}

/** Of the two values the older one encrypted what the database held before the rotation, as its points do. */
async function openFromPaper(
  { key, canary, source }: OfflineStep,
  list: MediumList,
  secret: Uint8Array,
  narrator: Narrator,
): Promise<void> {
  const [older] = list.files.filter(({ isCurrent }) => !isCurrent);
  const file = older && readMediumFile(MEDIUM, older);
  if (!older || !file) throw new DemoStageFailed(`The medium has no earlier value of ${key.id}`);
  const value = await openOffline(file, secret, older.file);
  const verdict = openCanary(canary, value, source.encrypted);
  value.fill(0);
  if (verdict !== 'authenticated') throw new DemoStageFailed(`The recovered value of ${key.id} does not open what the database holds`);
  narrator.done(`A value of the database opens with ${key.id}, recovered without AWS`);
}

function succeeded(run: MachineRun): MachineRun {
  if (run.end.status !== 'succeeded') throw new DemoStageFailed(`${run.end.error}: ${run.end.cause}`);
  return run;
}
