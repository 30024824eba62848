/** Whether the chain of an asset is whole: every link there, each following from the one before it. Pure. */
import { parseJson } from '../../parse-json.ts';
import { Link, LINK_FORMATS, NO_PREDECESSOR, sha256Of } from '../../record/link.ts';
import { chainKey } from '../../vault/keys.ts';
import { otherVersion } from '../../vault/record-errors.ts';
import type { Report } from './findings.ts';
import type { SignatureState } from './signatures.ts';

export type StoredLink = { number: number; body: Uint8Array; signature: SignatureState };

/** `isVouched`: a signature stands on it, or on a later one that leads to it. `isByOtherKey`: the same of a key that was not given. */
export type CheckedLink = { link: Link; sha256: string; isVouched: boolean; isByOtherKey: boolean };

export type CheckedChain = {
  byPoint: ReadonlyMap<string, CheckedLink>;
  /** SHA-256 of each link's bytes, by its number. */
  hashes: ReadonlyMap<number, string>;
  last: number;
};

/** @param links in the order of their numbers */
export function checkChain(of: { system: string; asset: string }, links: readonly StoredLink[], report: Report): CheckedChain {
  const hashes = new Map(links.map(({ number, body }) => [number, sha256Of(body)]));
  const checked: CheckedLink[] = [];
  let before = { number: 0, sha256: NO_PREDECESSOR };
  let hasRecords = false;
  for (const { number, body, signature } of links) {
    const key = chainKey(of.system, of.asset, number);
    const sha256 = hashes.get(number) ?? '';
    const isNext = number === before.number + 1;
    if (!isNext) report('chain-gap', chainKey(of.system, of.asset, before.number + 1), describeGap(before.number + 1, number - 1));
    const link = parseLink(body, key, { ...of, number }, report);
    if (link) {
      if (isNext && link.previousSha256 !== before.sha256)
        report(
          'chain-broken',
          key,
          `link ${number} does not follow from link ${before.number}: one of them is not the one that was written`,
        );
      if (hasRecords && !('records' in link))
        report('chain-broken', key, `link ${number} is of version 1 and stands behind one of version 2: no release writes that`);
      hasRecords ||= 'records' in link;
      checked.push({ link, sha256, isVouched: signature === 'signed', isByOtherKey: signature === 'other-key' });
    }
    before = { number, sha256 };
  }
  vouchBackwards(checked, 'isVouched');
  vouchBackwards(checked, 'isByOtherKey');
  return { byPoint: indexByPoint(checked, of, report), hashes, last: before.number };
}

const describeGap = (first: number, last: number) =>
  first === last ? `link ${first} is not there, and later ones are` : `links ${first} to ${last} are not there, and later ones are`;

function parseLink(body: Uint8Array, key: string, of: { system: string; asset: string; number: number }, report: Report): Link | undefined {
  const record = parseJson(body);
  const parsed = Link.safeParse(record);
  if (!parsed.success) {
    const formats = LINK_FORMATS.map((known) => otherVersion(record, known));
    const format = formats.every((other) => other !== undefined) ? formats[0] : undefined;
    if (format === undefined) report('record-unreadable', key, 'it is not a link that Holdfast wrote');
    else report('format-unknown', key, `it is of the format ${format}; this release reads ${LINK_FORMATS.join(' and ')}`);
    return undefined;
  }
  const { system, asset, link } = parsed.data;
  if (system === of.system && asset === of.asset && link === of.number) return parsed.data;
  report(
    'record-unreadable',
    key,
    `it is link ${link} of ${system}/${asset}, and stands where link ${of.number} of ${of.system}/${of.asset} belongs`,
  );
  return undefined;
}

/** Whoever signed a link signed all that it follows from: the hash of each is in the next. */
function vouchBackwards(links: readonly CheckedLink[], by: 'isVouched' | 'isByOtherKey'): void {
  let expected: string | undefined;
  for (const checked of links.toReversed()) {
    if (checked.sha256 === expected) checked[by] = true;
    expected = checked[by] ? checked.link.previousSha256 : undefined;
  }
}

function indexByPoint(links: readonly CheckedLink[], of: { system: string; asset: string }, report: Report): Map<string, CheckedLink> {
  const byPoint = new Map<string, CheckedLink>();
  for (const checked of links) {
    const { point, link } = checked.link;
    const earlier = byPoint.get(point);
    if (earlier)
      report('point-linked-twice', chainKey(of.system, of.asset, link), `${point} is linked by link ${earlier.link.link} already`);
    else byPoint.set(point, checked);
  }
  return byPoint;
}
