/** Evidence of a system: every record signed, and agreeing with what else was written of the same thing. */
import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod';
import { DrillEvidence } from '../../drill/contract.ts';
import { parseJson } from '../../parse-json.ts';
import { NamedRecord } from '../../record/link.ts';
import { evidenceKey, evidencePrefix, isReportPage, isSignatureKey, publicKeysPrefix, signatureKey } from '../../vault/keys.ts';
import { readPublicKeys } from '../public-key.ts';
import { checkWords } from './check-words.ts';
import { parseRecordName, NOBODY_VOUCHES, type CheckContext } from './context.ts';
import { signedKeyOf, type SignatureState } from './signatures.ts';
import { listKeys, readBody, reportTraces, type ListedKey } from './vault-copy.ts';

/** What any record of evidence may say, whoever wrote it. */
const EvidenceRecord = z.looseObject({
  format: z.string().startsWith('holdfast/'),
  system: z.string(),
  asset: z.string().optional(),
  point: z.string().optional(),
  /** Records that the signature of this one vouches for. */
  records: z.array(NamedRecord).optional(),
});

export type NamedByOthers = ReadonlyMap<string, { sha256: string; evidence: string }>;

export type CheckedEvidence = {
  /** What signed evidence says the bytes of other records are. */
  named: ReadonlyMap<string, string>;
  /** The same of evidence by a key that was not given, with the key of that evidence. */
  namedByOthers: NamedByOthers;
  /** Signed evidence of drills that ran, by `<asset>/<point>`. */
  drills: ReadonlyMap<string, readonly DrillEvidence[]>;
  /** Points that signed evidence says were restored, with the key of that evidence. */
  restored: readonly { asset: string; point: string; key: string }[];
  /** That signed evidence is about. */
  assets: readonly string[];
  /** Every record of evidence that is there and can be read. */
  keys: ReadonlySet<string>;
};

type Stored = { key: string; body: Uint8Array; state: SignatureState };

export async function checkEvidence(context: CheckContext): Promise<CheckedEvidence> {
  const { copy, system } = context;
  const keys = new Map<string, ListedKey>();
  for await (const listed of listKeys(copy, evidencePrefix(system))) {
    reportTraces(listed, context.report);
    if (listed.version) keys.set(listed.key, listed);
  }
  const records: Stored[] = [];
  for (const [key, listed] of keys) {
    context.signal.throwIfAborted();
    if (isReportPage(key)) continue;
    if (key.startsWith(publicKeysPrefix(system))) await checkPublicKey(context, listed);
    else if (isSignatureKey(key)) reportOrphan(context, key, keys);
    else records.push(...(await checkRecord(context, listed, keys.get(signatureKey(key)))));
  }
  return collect(context, records);
}

async function checkRecord(context: CheckContext, listed: ListedKey, signature: ListedKey | undefined): Promise<Stored[]> {
  const { key } = listed;
  const name = parseRecordName(key.split('/').at(-1) ?? '');
  if (!name || key !== evidenceKey(context.system, name.kind, name.id)) {
    context.report('record-foreign', key, 'Holdfast writes no evidence of this name');
    return [];
  }
  const [body, envelope] = await Promise.all([readBody(context.copy, listed), readBody(context.copy, signature)]);
  if (!body) return [];
  context.onRecord(body.length);
  const state = context.signatures.check(key, body, envelope);
  const record = EvidenceRecord.safeParse(parseJson(body));
  if (!record.success || record.data.system !== context.system) {
    if (state !== 'invalid') context.report('record-unreadable', key, `it is no evidence of the system ${context.system}`);
    return [];
  }
  return [{ key, body, state }];
}

async function checkPublicKey(context: CheckContext, listed: ListedKey) {
  const body = await readBody(context.copy, listed);
  const [kept] = readPublicKeys(Buffer.from(body ?? []).toString()) ?? [];
  if (!kept || Buffer.from(body ?? []).toString() !== kept.pem || !listed.key.endsWith(`/${kept.sha256}.pem`))
    context.report('record-unreadable', listed.key, 'it is not the public key that its name says');
}

function reportOrphan(context: CheckContext, key: string, keys: ReadonlyMap<string, unknown>) {
  const signed = signedKeyOf(key) ?? '';
  if (!keys.has(signed)) context.report('record-missing', signed, 'its signature is there, and it is not');
}

function collect(context: CheckContext, records: readonly Stored[]): CheckedEvidence {
  const named = new Map<string, string>();
  const namedByOthers = new Map<string, { sha256: string; evidence: string }>();
  const drills = new Map<string, DrillEvidence[]>();
  const restored: { asset: string; point: string; key: string }[] = [];
  /** Results of drills as the signed evidence has them, by the key of the result. */
  const results = new Map<string, unknown>();
  for (const { key, body, state } of records) {
    if (state !== 'signed' && state !== 'other-key') continue;
    const record = EvidenceRecord.parse(parseJson(body));
    for (const other of record.records ?? [])
      if (state === 'signed') named.set(other.key, other.sha256);
      else namedByOthers.set(other.key, { sha256: other.sha256, evidence: key });
    if (state === 'other-key') continue;
    const drill = DrillEvidence.safeParse(record);
    if (drill.success) {
      const { asset, point, run, outcome, result } = drill.data;
      if (result) results.set(evidenceKey(context.system, 'drill-result', run), result);
      if (point === undefined || outcome === 'could-not-run') continue;
      drills.set(`${asset}/${point}`, [...(drills.get(`${asset}/${point}`) ?? []), drill.data]);
    } else if (record.format.startsWith('holdfast/restore-result/') && record.asset !== undefined && record.point !== undefined)
      restored.push({ asset: record.asset, point: record.point, key });
  }
  for (const stored of records) if (stored.state === 'unsigned') checkUnsigned(context, stored, results);
  checkWords(
    context,
    records.filter(({ state }) => state === 'signed'),
    new Map(records.map(({ key, body }) => [key, body])),
  );
  const there = new Set(records.map(({ key }) => key));
  for (const key of results.keys())
    if (!there.has(key)) context.report('record-missing', key, 'signed evidence of a drill holds this result, and it is not there');
  const assets = new Set([...[...drills.values()].flat(), ...restored].map(({ asset }) => asset));
  return { named, namedByOthers, drills, restored, assets: [...assets], keys: there };
}

/** The first release signed the verdict on a drill and not the result, which the verdict holds word for word. */
function checkUnsigned(context: CheckContext, { key, body }: Stored, results: ReadonlyMap<string, unknown>): void {
  const id = parseRecordName(key.split('/').at(-1) ?? '')?.id ?? '';
  if (results.has(key)) {
    if (isDeepStrictEqual(parseJson(body), results.get(key))) context.countUnsigned();
    else context.report('record-differs', key, 'it is not the result that the signed evidence of its drill holds');
  } else context.reportUnlessYoung('signature-missing', key, id, NOBODY_VOUCHES);
}
