/** Facts of one point: each vouched for by the point's link, by a signature of its own, or by signed evidence that names it. */
import type { DrillEvidence } from '../../drill/contract.ts';
import { parseJson } from '../../parse-json.ts';
import { sha256Of } from '../../record/link.ts';
import { Fact, FACT_FORMAT } from '../../vault/facts.ts';
import { evidenceKey, factKey } from '../../vault/keys.ts';
import { otherVersion } from '../../vault/record-errors.ts';
import type { CheckedLink } from './check-chain.ts';
import type { NamedByOthers } from './check-evidence.ts';
import { instantOfId, parseRecordName, NOBODY_VOUCHES, type CheckContext } from './context.ts';

export type StoredFact = { key: string; body: Uint8Array; envelope: Uint8Array | undefined };

export type FactsOfPoint = {
  asset: string;
  point: string;
  link: CheckedLink | undefined;
  named: ReadonlyMap<string, string>;
  namedByOthers: NamedByOthers;
  drills: readonly DrillEvidence[];
  /** Keys of all evidence that is there. */
  evidence: ReadonlySet<string>;
};

/**
 * `isVouched`: the chain, a signature or signed evidence says that it is what was written, and not only that nothing says otherwise.
 * `isByOtherKey`: a signature says so, or evidence, by a key that was not given.
 */
export type CheckedFact = { fact: Fact; isVouched: boolean; isByOtherKey: boolean };

export function checkFacts(context: CheckContext, of: FactsOfPoint, stored: readonly StoredFact[]): CheckedFact[] {
  return stored.flatMap((one) => {
    context.onRecord(one.body.length);
    const fact = parseFact(context, of, one);
    if (fact?.kind === 'drilled' && !of.evidence.has(fact.evidence))
      context.reportUnlessYoung('record-missing', fact.evidence, fact.id, `${one.key} names it, and it is not there`);
    const state = judge(context, of, one, fact);
    return fact && state !== 'contradicted' ? [{ fact, isVouched: state === 'vouched', isByOtherKey: state === 'other-key' }] : [];
  });
}

type Standing = 'vouched' | 'other-key' | 'open' | 'contradicted';

/** `open`: nothing says that it is what was written, and nothing that it is not. */
function judge(context: CheckContext, of: FactsOfPoint, { key, body, envelope }: StoredFact, fact: Fact | undefined): Standing {
  const sha256 = sha256Of(body);
  const { link } = of.link ?? {};
  const linked = link && 'records' in link ? link.records.find((record) => record.key === key) : undefined;
  const named = linked?.sha256 ?? of.named.get(key);
  if (named !== undefined && named !== sha256) {
    const who = linked ? `link ${link?.link} of the chain` : 'signed evidence';
    context.report('record-differs', key, `its SHA-256 is ${sha256}, and ${who} says ${named}`);
    return 'contradicted';
  }
  const state = context.signatures.check(key, body, envelope);
  if (state === 'invalid') return 'contradicted';
  if (state === 'signed' || named !== undefined) return 'vouched';
  if (fact?.kind === 'drilled') {
    const judged = agreeWithEvidence(context, of, key, fact);
    if (judged !== undefined) return judged ? 'vouched' : 'contradicted';
  }
  if (state === 'other-key') return 'other-key';
  const byOther = of.namedByOthers.get(key);
  if (byOther?.sha256 === sha256) {
    context.signatures.addNamed(key, byOther.evidence);
    return 'other-key';
  }
  const id = parseRecordName(key.split('/').at(-1) ?? '')?.id ?? '';
  if (isOfTheFirstRelease(context, of, { kind: fact?.kind, id })) context.countUnsigned();
  else context.reportUnlessYoung('signature-missing', key, id, NOBODY_VOUCHES);
  return 'open';
}

const KINDS_OF_THE_FIRST_RELEASE: readonly (string | undefined)[] = ['verified', 'locked', 'replicated', 'drilled'];

/** The first release signed no facts. Its points have links of version 1, or none, and its facts are older than the first signed one. */
function isOfTheFirstRelease(
  context: CheckContext,
  { link }: FactsOfPoint,
  { kind, id }: { kind: string | undefined; id: string },
): boolean {
  if (!KINDS_OF_THE_FIRST_RELEASE.includes(kind) || (link && 'records' in link.link)) return false;
  const since = context.signatures.factsSignedSince();
  const at = instantOfId(id);
  return since === undefined || (at !== undefined && at.getTime() < Date.parse(since));
}

/** All that the fact of a drill says stands in the evidence of that drill as well. */
function agreeWithEvidence(
  context: CheckContext,
  of: FactsOfPoint,
  key: string,
  fact: Extract<Fact, { kind: 'drilled' }>,
): boolean | undefined {
  const evidence = of.drills.find(({ run }) => run === fact.id);
  if (!evidence) return undefined;
  const expected = {
    outcome: evidence.outcome,
    evidence: evidenceKey(context.system, 'drill', evidence.run),
    rtoSeconds: evidence.measured.rtoSeconds ?? 0,
    from: evidence.from,
    reasons: evidence.reasons,
    at: evidence.judgedAt,
  };
  const names = Object.keys(expected) as (keyof typeof expected)[];
  const differing = names.filter((name) => JSON.stringify(fact[name]) !== JSON.stringify(expected[name]));
  if (differing.length === 0) return true;
  context.report('record-differs', key, `it does not say what the signed evidence of its drill says: ${differing.join(', ')}`);
  return false;
}

function parseFact(context: CheckContext, { asset, point }: FactsOfPoint, { key, body }: StoredFact): Fact | undefined {
  const record = parseJson(body);
  const parsed = Fact.safeParse(record);
  if (!parsed.success) {
    const format = otherVersion(record, FACT_FORMAT);
    if (format === undefined) context.report('record-unreadable', key, 'it is not a fact that Holdfast wrote');
    else context.report('format-unknown', key, `it is of the format ${format}; this release reads ${FACT_FORMAT}`);
    return undefined;
  }
  const { data } = parsed;
  if (
    data.system === context.system &&
    data.asset === asset &&
    data.point === point &&
    key === factKey(data.system, asset, point, data.kind, data.id)
  )
    return data;
  context.report(
    'record-unreadable',
    key,
    `it is the fact ${data.kind}-${data.id} of ${data.asset}/${data.point}, and stands where another belongs`,
  );
  return undefined;
}
