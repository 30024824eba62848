import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkChain, type StoredLink } from '../../../../core/evidence/verify/check-chain.ts';
import { nextLink, sha256Of } from '../../../../core/record/link.ts';
import { scheduledSlotId } from '../../../../core/vault/ids.ts';

const OF = { system: 'ida', asset: 'main' };
const pointAt = (n: number) => scheduledSlotId(new Date(Date.UTC(2026, 0, 1) + n * 3_600_000));
const manifestOf = (point: string) => sha256Of(Buffer.from(`manifest of ${point}`));

function chainOf(points: readonly string[]): Uint8Array[] {
  const chain: Uint8Array[] = [];
  for (const point of points) {
    const body = chain.at(-1);
    const last = body && { link: chain.length, body };
    const records = [{ key: `catalog/ida/main/${point}/verified-x.json`, sha256: manifestOf(`fact of ${point}`) }];
    chain.push(Buffer.from(JSON.stringify(nextLink(last, { ...OF, point, manifestSha256: manifestOf(point), records }))));
  }
  return chain;
}

const stored = (bodies: readonly Uint8Array[], signed: readonly number[] = []): StoredLink[] =>
  bodies.map((body, index) => ({ number: index + 1, body, signature: signed.includes(index + 1) ? 'signed' : 'unsigned' }));

function check(links: readonly StoredLink[]) {
  const problems: string[] = [];
  const chain = checkChain(OF, links, (kind) => problems.push(kind));
  return { problems, chain };
}

const asText = (body: Uint8Array | undefined) => Buffer.from(body ?? []).toString();

describe('checkChain', () => {
  it('finds nothing wrong with a chain of any length, in any order of points', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(5000), { maxLength: 30 }), (ns) => {
        const { problems, chain } = check(stored(chainOf(ns.map(pointAt))));
        return problems.length === 0 && chain.byPoint.size === ns.length && chain.last === ns.length;
      }),
    );
  });

  it('finds a link that was changed, taken out, put in or put elsewhere', () => {
    const shape = fc.record({
      ns: fc.uniqueArray(fc.nat(5000), { minLength: 3, maxLength: 12 }),
      at: fc.nat(),
      how: fc.constantFrom('change', 'remove', 'insert', 'swap', 'drop'),
    });
    fc.assert(
      fc.property(shape, ({ ns, at, how }) => {
        const chain = chainOf(ns.map(pointAt));
        // The last link has no successor that would miss it: a signature, its point or an earlier check tell of that one.
        const index = at % (chain.length - 1);
        if (how === 'change') chain[index] = Buffer.from(asText(chain[index]).replace(/"manifestSha256":"./, '"manifestSha256":"_'));
        if (how === 'insert') chain.splice(index, 0, chain[index]!);
        if (how === 'swap') [chain[index], chain[index + 1]] = [chain[index + 1]!, chain[index]!];
        if (how === 'remove') chain.splice(index, 1);
        const links = stored(chain);
        // Taken out with its number, instead of the later ones moving up.
        return check(how === 'drop' ? links.filter(({ number }) => number !== index + 1) : links).problems.length > 0;
      }),
    );
  });

  it('finds a fork: a link that follows from another one than the one before it', () => {
    const [first, second] = chainOf([pointAt(1), pointAt(2)]);
    const [other] = chainOf([pointAt(3)]);
    expect(check(stored([other!, second!])).problems).toEqual(['chain-broken']);
    expect(check(stored([first!, second!])).problems).toEqual([]);
  });

  it('names a gap once, however wide, and goes on behind it', () => {
    const links = stored(chainOf([1, 2, 3, 4, 5, 6].map(pointAt)));
    const { problems, chain } = check(links.filter(({ number }) => ![1, 3, 4].includes(number)));
    expect(problems).toEqual(['chain-gap', 'chain-gap']);
    expect([...chain.byPoint.keys()]).toEqual([2, 5, 6].map(pointAt));
  });

  it('finds a point that is linked twice, and a link of version 1 behind one of version 2', () => {
    expect(check(stored(chainOf([pointAt(1), pointAt(1)]))).problems).toEqual(['point-linked-twice']);
    const [first] = chainOf([pointAt(1)]);
    const old = {
      format: 'holdfast/link/v1',
      ...OF,
      link: 2,
      point: pointAt(2),
      manifestSha256: manifestOf(pointAt(2)),
      previousSha256: sha256Of(first!),
    };
    expect(check(stored([first!, Buffer.from(JSON.stringify(old))])).problems).toEqual(['chain-broken']);
  });

  it('lets a signed link vouch for all that lead to it, and for none behind it', () => {
    const { chain } = check(stored(chainOf([1, 2, 3, 4].map(pointAt)), [3]));
    expect([...chain.byPoint.values()].map(({ isVouched }) => isVouched)).toEqual([true, true, true, false]);
  });
});
