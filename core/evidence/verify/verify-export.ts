/** The check of a folder of `evidence export`: every file by its sum, every record by its signature. Points are no part of it. */
import { plural } from '../../quantities.ts';
import { evidencePrefix, isSignatureKey, signatureKey } from '../../vault/keys.ts';
import { pointOfKey } from '../../vault/parse-key.ts';
import { EXPORT_LIST_FILE, type ExportList } from '../export-list.ts';
import { sha256Hex } from '../statement.ts';
import { checkEvidence } from './check-evidence.ts';
import { NOBODY_VOUCHES, parseRecordName, type CheckContext } from './context.ts';
import { openCheck, type CheckRequest } from './open-check.ts';
import { signedKeyOf } from './signatures.ts';
import { listKeys, readBody, type ListedKey, type VaultCopy } from './vault-copy.ts';
import type { VerifyAnswer } from './verify-vault.ts';

const PAGE = /\.html$/;
/** Beside the records: the page that lists them, and the keys that the export was held to. */
const LOOSE_FILES = ['index.html', 'evidence-key.pem'];

export async function verifyExport(request: CheckRequest & { list: ExportList }): Promise<VerifyAnswer> {
  const { list } = request;
  const sums = new Map(list.files.map(({ file, sha256 }) => [file, sha256]));
  const { context, findings, close } = await openCheck({ ...request, copy: withoutPages(request.copy) });
  const { report } = context;
  const files = new Map<string, ListedKey>();
  for await (const listed of listKeys(request.copy, '')) if (listed.key !== EXPORT_LIST_FILE) files.set(listed.key, listed);
  for (const [file, listed] of files) {
    context.signal.throwIfAborted();
    const sum = sums.get(file);
    if (!isExported(file, list.system)) report('record-foreign', file, 'an export holds nothing of this name');
    else if (sum === undefined)
      report('record-foreign', file, `${EXPORT_LIST_FILE} does not name it: it was put there, or taken out of the list`);
    else if (sum !== sha256Hex((await readBody(request.copy, listed)) ?? new Uint8Array()))
      report('record-differs', file, `it has another SHA-256 than ${EXPORT_LIST_FILE} says: somebody altered it`);
  }
  for (const file of sums.keys()) if (!files.has(file)) report('record-missing', file, `${EXPORT_LIST_FILE} names it, and it is not there`);

  const notExported = new Set<string>();
  const evidence = await checkEvidence({
    ...context,
    report(kind, key, text) {
      // Files were told above. What is in this part of the evidence names what is in others: only what was exported can be gone.
      if (kind === 'record-missing' && !sums.has(key)) notExported.add(key);
      if (kind === 'record-missing' || (kind === 'record-foreign' && !sums.has(key))) return;
      report(kind, key, text);
    },
  });
  const holds = await checkHolds(context, files);
  findings.notes.push(
    `This is an export: evidence of ${list.since} to ${list.until}. Points, their chains and their bytes are no part of it: \`evidence verify\` of the vault, or of a copy of it (\`evidence download\`), checks them`,
  );
  if (notExported.size > 0)
    findings.notes.push(
      `${plural(notExported.size, 'record that these name was', 'records that these name were')} not exported with them, and not looked at`,
    );
  return { ...close(), assets: [], evidence: evidence.keys.size + holds };
}

/** Pages are no records; those that the list does not name are told by their files. */
const withoutPages = (copy: VaultCopy): VaultCopy => ({
  ...copy,
  reader: {
    ...copy.reader,
    async *listVersions(prefix) {
      for await (const version of copy.reader.listVersions(prefix)) if (!PAGE.test(version.key)) yield version;
    },
  },
});

function isExported(file: string, system: string): boolean {
  return LOOSE_FILES.includes(file) || file.startsWith(evidencePrefix(system)) || isHold(file, system);
}

/** Holds and releases stand beside the points that they are about. */
function isHold(file: string, system: string): boolean {
  const record = signedKeyOf(file) ?? file.replace(PAGE, '.json');
  const kind = parseRecordName(record.split('/').at(-1) ?? '')?.kind;
  return pointOfKey(record)?.system === system && (kind === 'held' || kind === 'released');
}

async function checkHolds(context: CheckContext, files: ReadonlyMap<string, ListedKey>): Promise<number> {
  const holds = [...files].filter(([key]) => isHold(key, context.system) && !PAGE.test(key) && !isSignatureKey(key));
  for (const [key, listed] of holds) {
    const body = await readBody(context.copy, listed);
    if (!body) continue;
    context.onRecord(body.length);
    const state = context.signatures.check(key, body, await readBody(context.copy, files.get(signatureKey(key))));
    const id = parseRecordName(key.split('/').at(-1) ?? '')?.id ?? '';
    if (state === 'unsigned') context.reportUnlessYoung('signature-missing', key, id, NOBODY_VOUCHES);
  }
  return holds.length;
}
