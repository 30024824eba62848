/**
 * Keys of the objects in a vault: the only place that spells them. Policies are scoped with the same builders (a `*` is passed
 * where a policy means any). Layout: docs/format.md.
 */
const year = (id: string) => id.slice(0, 4);

export const catalogPrefix = (system: string, asset: string) => `catalog/${system}/${asset}/`;
export const pointPrefix = (system: string, asset: string, point: string) => `${catalogPrefix(system, asset)}${point}/`;
export const manifestKey = (system: string, asset: string, point: string) => `${pointPrefix(system, asset, point)}manifest.json`;
export const factKey = (system: string, asset: string, point: string, fact: string, id: string) =>
  `${pointPrefix(system, asset, point)}${fact}-${id}.json`;

/** A signature stands beside what it signs: `x.json` is signed by `x.dsse.json`. */
export const signatureKey = (key: string) => key.replace(/\.json$/, '.dsse.json');
export const isSignatureKey = (key: string) => key.endsWith('.dsse.json');

export const chainPrefix = (system: string, asset: string) => `chain/${system}/${asset}/`;
/** Link numbers are padded so that a listing is in order. */
export const chainKey = (system: string, asset: string, link: number) =>
  `${chainPrefix(system, asset)}${String(link).padStart(9, '0')}.json`;

/** Everything that dumps of an asset wrote, whether committed or not. */
export const assetDataPrefix = (system: string, asset: string) => `data/${system}/${asset}/`;
/** `data/<system>/<asset>/<YYYY>/<MM>/<DD>/<point>/`: the date is the slot's, in UTC. */
export const pointDataPrefix = (system: string, asset: string, point: string) =>
  `data/${system}/${asset}/${point.slice(0, 4)}/${point.slice(4, 6)}/${point.slice(6, 8)}/${point}/`;
export const attemptPrefix = (system: string, asset: string, point: string, attempt: string) =>
  `${pointDataPrefix(system, asset, point)}${attempt}/`;

/** Objects of an attempt. The dump is cut into numbered objects: `cat` of them, in order, is the archive. */
export const dumpObjectKey = (prefix: string, number: number) => `${prefix}dump-${String(number).padStart(4, '0')}`;
/** A segmented archive: `archive/` is a directory archive of the segmented tables' rows, the `rest` is cut like a dump. */
export const restObjectKey = (prefix: string, number: number) => `${prefix}rest-${String(number).padStart(4, '0')}`;
export const archivePrefix = (prefix: string) => `${prefix}archive/`;
export const tocObjectKey = (prefix: string) => `${archivePrefix(prefix)}toc.dat`;
/** `file` is the name that toc.dat has for it: pg_restore finds the compressed file by its suffix. */
export const segmentFile = (tableOid: string, number: number) => `${tableOid}.${String(number).padStart(4, '0')}.dat`;
export const segmentObjectKey = (prefix: string, file: string, compression: 'zstd' | 'gzip') =>
  `${archivePrefix(prefix)}${file}${compression === 'zstd' ? '.zst' : '.gz'}`;
export const schemaObjectKey = (prefix: string) => `${prefix}schema.sql`;
export const rolesObjectKey = (prefix: string) => `${prefix}roles.json`;
export const settingsObjectKey = (prefix: string) => `${prefix}settings.sql`;

/** What failed tasks of a run say of themselves, for the message of the failure and the verdict on a drill. Not a part of any point. */
export const failureNotesPrefix = (system: string, asset: string, run: string) => `failures/${system}/${asset}/${run}/`;
/** `tryNumber` is that of the step, from 1. */
export const failureNoteKey = (system: string, asset: string, run: string, task: string, tryNumber: number | '*') =>
  `${failureNotesPrefix(system, asset, run)}${task}-${tryNumber}.json`;

export const assetRunsPrefix = (system: string, asset: string) => `runs/${system}/${asset}/`;
export const runsPrefix = (system: string, asset: string, slot: string) => `${assetRunsPrefix(system, asset)}${slot}/`;
export const claimKey = (system: string, asset: string, slot: string, claim: number) =>
  `${runsPrefix(system, asset, slot)}${String(claim).padStart(4, '0')}.json`;

/** What the steps of one restore know, for its later steps and for its evidence: a working paper, neither signed nor copied. */
export const systemRestorePapersPrefix = (system: string) => `restores/${system}/`;
export const restorePapersPrefix = (system: string, asset: string) => `${systemRestorePapersPrefix(system)}${asset}/`;
export const restorePaperKey = (system: string, asset: string, run: string, paper: string) =>
  `${restorePapersPrefix(system, asset)}${run}/${paper}.json`;

/** What expires of an asset in one run: a line for each point. Read by the machine, and a working paper: evidence says what went. */
export const expiryPlansPrefix = (system: string, asset: string) => `retention/${system}/${asset}/`;
export const expiryPlanKey = (system: string, asset: string, run: string) => `${expiryPlansPrefix(system, asset)}${run}.jsonl`;

/** `at` is a slot id or any text that starts with the year. Kinds: `drill`, `drill-result`, `restore-result`, `escrow`. */
export const evidenceKey = (system: string, kind: string, id: string) => `evidence/${system}/${year(id)}/${kind}-${id}.json`;
/** Of one kind and year; kinds that begin alike are below it too. */
export const evidenceKindPrefix = (system: string, yearOfRun: string, kind: string) => `${evidencePrefix(system)}${yearOfRun}/${kind}-`;
export const evidencePrefix = (system: string) => `evidence/${system}/`;
/** Pages that show evidence, and are none: nobody signs them, and a check passes over them. */
export const reportPageKey = (system: string, id: string) => `${reportPagesPrefix(system, year(id))}${id}.html`;
export const reportPagesPrefix = (system: string, yearOfPage: string) => `${evidencePrefix(system)}${yearOfPage}/report-`;
/** The page of what was agreed, beside those. */
export const planPageKey = (system: string, id: string) => `${reportPagesPrefix(system, year(id))}plan-${id}.html`;
export const isPlanPage = (key: string) => /\/report-plan-[^/]+$/.test(key);
export const isReportPage = (key: string) => /^evidence\/[^/]+\/\d{4}\/report-[\w-]+\.html$/.test(key);
/** Public halves of the keys that signed, PEM, each by the SHA-256 of its SubjectPublicKeyInfo. */
export const publicKeysPrefix = (system: string) => `${evidencePrefix(system)}keys/`;
export const publicKeyKey = (system: string, sha256: string) => `${publicKeysPrefix(system)}${sha256}.pem`;

/** In the escrow bucket of a region: what its key watch saw. `at` is a slot id, the instant of the look. */
export const keyWatchPrefix = (system: string) => `watch/${system}/`;
export const keyWatchKey = (system: string, at: string) => `${keyWatchPrefix(system)}keys-${at}.json`;

/** In the escrow bucket. `fingerprint` is that of the home region, in hexadecimal, in both regions: one path for one value. */
export const escrowPrefix = (system: string, key: string) => `${system}/${key}/`;
export const valuePrefix = (system: string, key: string, fingerprint: string) => `${escrowPrefix(system, key)}${fingerprint}/`;
/** @param sealing what it is named by (core/escrow/sealing.ts); none for one of the first release */
export const envelopeKey = (system: string, key: string, fingerprint: string, sealing?: string) =>
  `${valuePrefix(system, key, fingerprint)}envelope${sealing === undefined ? '' : `-${sealing}`}`;
export const escrowFactKey = (system: string, key: string, fingerprint: string, fact: string, id: string) =>
  `${valuePrefix(system, key, fingerprint)}${fact}-${id}.json`;
/** Says that a version of the source gives no value, and so no fingerprint, and why (core/escrow/empty-versions.ts). */
export const emptyVersionKey = (system: string, key: string, id: string, kind = 'empty') =>
  `${escrowPrefix(system, key)}${kind}-${id}.json`;
/** The value for recipients who need no KMS; other recipients make another file beside it. `recipients`: their id, and the run of one that was made again. */
export const offlineFileKey = (system: string, key: string, fingerprint: string, recipients: string) =>
  `${valuePrefix(system, key, fingerprint)}offline-${recipients}.age`;
