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
      const isListed = sums.has(key);
      // Files that are listed were told above. What is in this part of the evidence names what is in others: that is not missed.
      if (kind !== 'record-missing') {
        if (isListed || kind !== 'record-foreign') report(kind, key, text);
      } else if (!isListed) {
        if (isWanted(list, key) || files.has(signatureKey(key))) report(kind, key, text);
        else notExported.add(key);
      }
    },
  });
  const holds = await checkHolds(context, files, sums);
  findings.notes.push(
    `This is an export: evidence of ${describeScope(list)}. Points, their chains and their bytes are no part of it: \`evidence verify\` of the vault, or of a copy of it (\`evidence download\`), checks them`,
    `Nobody signs pages and ${EXPORT_LIST_FILE}, which says what was asked for: a record that was taken out with its line is missed only where another that was exported names it`,
  );
  if (notExported.size > 0)
    findings.notes.push(
      `${plural(notExported.size, 'record that these name was', 'records that these name were')} not exported with them, and not looked at`,
    );
  return { ...close(), assets: [], evidence: evidence.keys.size + holds };
}

/**
 * Whether the export was to hold a record that one in it names. Of its asset it is, as what names it is: no evidence names that of
 * another asset.
 */
function isWanted({ system, kinds, since, until }: ExportList, key: string): boolean {
  const name = parseRecordName(key.split('/').at(-1) ?? '');
  if (!name || !key.startsWith(evidencePrefix(system))) return false;
  const day = name.id.slice(0, 8);
  const isOfTime = day >= since.replaceAll('-', '') && day <= until.replaceAll('-', '');
  return isOfTime && (kinds === undefined || kinds.includes(name.kind));
}

const IN = { vault: 'the vault', replica: 'the replica vault' } as const;
const describeScope = ({ since, until, kinds, asset, readIn }: ExportList) =>
  [
    `${since} to ${until}`,
    ...(kinds === undefined ? [] : [`of the kinds ${kinds.join(', ')} alone`]),
    ...(asset === undefined ? [] : [`of the asset ${asset} alone`]),
    `as it stood in ${readIn.map((side) => IN[side]).join(' and ')}`,
  ].join(', ');

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

async function checkHolds(
  context: CheckContext,
  files: ReadonlyMap<string, ListedKey>,
  sums: ReadonlyMap<string, string>,
): Promise<number> {
  for (const file of files.keys()) {
    const signed = isHold(file, context.system) ? signedKeyOf(file) : undefined;
    if (signed !== undefined && !files.has(signed) && !sums.has(signed))
      context.report('record-missing', signed, 'its signature is there, and it is not');
  }
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
